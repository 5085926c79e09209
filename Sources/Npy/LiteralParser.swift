/// Reads the Python literal in a header, byte by byte; or, for another kind of header, JSON without
/// fractions, truth values and null.
///
/// Nesting is bounded, so that a header made of brackets cannot exhaust the stack.
struct LiteralParser {
  /// Why the text is not such a literal, at which byte of it.
  struct Failure: Error {
    let offset: Int
    let found: String
    let expected: String
  }

  static let depthLimit = 32

  let text: [UInt8]
  /// Whether strings are UTF-8 (version 3.0) or Latin-1 (1.0 and 2.0).
  let utf8: Bool
  /// Whether it is JSON that is read.
  let isJSON: Bool
  var position = 0

  init(_ text: [UInt8], utf8: Bool, isJSON: Bool = false) {
    self.text = text
    self.utf8 = utf8
    self.isJSON = isJSON
  }

  /// The one literal that fills the text; only white space may follow it.
  mutating func parse() throws(Failure) -> Literal {
    let literal = try value(depth: 0)
    skipSpace()
    guard position == text.count else { throw failure(expected: "nothing but padding") }
    return literal
  }

  mutating func value(depth: Int) throws(Failure) -> Literal {
    guard depth < Self.depthLimit else {
      throw failure(expected: "at most \(Self.depthLimit) nested brackets")
    }
    skipSpace()
    if isJSON, let byte = peek, "('uTF".utf8.contains(byte) {
      throw failure(expected: "a JSON object, array, string or whole number")
    }
    switch peek ?? 0 {
    case UInt8(ascii: "{"): return try dictionary(depth: depth)
    case UInt8(ascii: "("): return try tuple(depth: depth)
    case UInt8(ascii: "["): return .list(try items(until: UInt8(ascii: "]"), depth: depth).values)
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "u"): return .string(try string())
    case UInt8(ascii: "T"): return try word("True", .boolean(true))
    case UInt8(ascii: "F"): return try word("False", .boolean(false))
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try integer())
    default:
      throw failure(
        expected: isJSON ? "a JSON object, array, string or whole number" : "a Python literal")
    }
  }

  private mutating func dictionary(depth: Int) throws(Failure) -> Literal {
    position += 1
    var entries: [Literal.Entry] = []
    while true {
      skipSpace()
      if !isJSON || entries.isEmpty, take(UInt8(ascii: "}")) { return .dictionary(entries) }
      guard let byte = peek, (isJSON ? "\"" : "'\"u").utf8.contains(byte)
      else { throw failure(expected: "a key in quotes or '}'") }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure(expected: "':' after the key '\(key)'") }
      entries.append(.init(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .dictionary(entries) }
      guard take(UInt8(ascii: ",")) else { throw failure(expected: "',' or '}'") }
    }
  }

  /// `(3)` is the number 3 in Python; only a comma makes a tuple.
  private mutating func tuple(depth: Int) throws(Failure) -> Literal {
    let (values, commas) = try items(until: UInt8(ascii: ")"), depth: depth)
    if values.count == 1 && commas == 0 { return values[0] }
    return .tuple(values)
  }

  private mutating func items(
    until close: UInt8, depth: Int
  ) throws(Failure) -> (values: [Literal], commas: Int) {
    position += 1
    var values: [Literal] = []
    var commas = 0
    while true {
      skipSpace()
      if !isJSON || values.isEmpty, take(close) { return (values, commas) }
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(close) { return (values, commas) }
      guard take(UInt8(ascii: ",")) else {
        throw failure(expected: "',' or '\(Character(UnicodeScalar(close)))'")
      }
      commas += 1
    }
  }

  private mutating func word(_ word: String, _ literal: Literal) throws(Failure) -> Literal {
    guard text[position...].starts(with: word.utf8) else { throw failure(expected: word) }
    position += word.utf8.count
    return literal
  }

  private mutating func integer() throws(Failure) -> Int {
    let start = position
    let negative = take(UInt8(ascii: "-"))
    var value = 0
    var digits = 0
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte) - 48)
      if overflow || carry {
        position = start
        throw failure(expected: "an integer below 2^63")
      }
      value = sum
      digits += 1
      position += 1
    }
    guard digits > 0 else { throw failure(expected: "a digit") }
    if !isJSON { _ = take(UInt8(ascii: "L")) }
    return negative ? -value : value
  }
}
