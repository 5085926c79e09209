/// Texts and numbers of JSON.
enum JSONText {
  /// What is wrong with one, and where if not at its first byte.
  struct Failure: Error {
    let found: String?
    let expected: String
    var offset: Int?
  }

  /// Reads a text that begins with a quote at a position, which moves behind its end.
  static func string(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(Failure) -> String {
    let start = position + 1
    var end = start
    while end < bytes.count {
      let byte = bytes[end]
      if byte == UInt8(ascii: "\"") {
        let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        position = end + 1
        return try checked(String(validating: text, as: UTF8.self), start)
      }
      if byte == UInt8(ascii: "\\") { break }
      guard byte >= 0x20 else { throw control(byte, end) }
      end += 1
    }
    return try escaped(bytes, &position, from: start, plainTo: end)
  }

  private static func escaped(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, from start: Int, plainTo end: Int
  ) throws(Failure) -> String {
    var text = Array(bytes[start..<end])
    var next = end
    while next < bytes.count {
      let byte = bytes[next]
      next += 1
      if byte == UInt8(ascii: "\"") {
        position = next
        return try checked(String(validating: text, as: UTF8.self), start)
      }
      guard byte >= 0x20 else { throw control(byte, next - 1) }
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard next < bytes.count else { break }
      let mark = bytes[next]
      next += 1
      switch mark {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"): text += Array(String(try scalar(bytes, &next)).utf8)
      default:
        throw Failure(found: "an unknown escape", expected: "one of JSON", offset: next - 2)
      }
    }
    throw Failure(found: "a text without an end", expected: "'\"'", offset: start - 1)
  }

  /// Reads four digits behind `\u`, and the second half of a pair.
  private static func scalar(
    _ bytes: UnsafeRawBufferPointer, _ next: inout Int
  ) throws(Failure) -> Character {
    let place = next - 2
    let first = unit(bytes, &next)
    var value = first
    if let first, (0xD800..<0xDC00).contains(first), next + 1 < bytes.count,
      bytes[next] == UInt8(ascii: "\\"), bytes[next + 1] == UInt8(ascii: "u")
    {
      next += 2
      let second = unit(bytes, &next)
      value = second.flatMap { second in
        (0xDC00..<0xE000).contains(second)
          ? 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00) : nil
      }
    }
    guard let value, let scalar = UnicodeScalar(value) else {
      throw Failure(
        found: "an escape of no character", expected: "\\u and four digits, or a pair of these",
        offset: place)
    }
    return Character(scalar)
  }

  private static func unit(_ bytes: UnsafeRawBufferPointer, _ next: inout Int) -> UInt32? {
    guard next + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[next..<next + 4] {
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    next += 4
    return value
  }

  private static func checked(_ text: String?, _ start: Int) throws(Failure) -> String {
    guard let text else {
      throw Failure(
        found: "a text with bytes that are no UTF-8", expected: "UTF-8", offset: start - 1)
    }
    return text
  }

  private static func control(_ byte: UInt8, _ place: Int) -> Failure {
    Failure(
      found: "the byte \(String(byte, radix: 16)) in a text", expected: "an escape for it",
      offset: place)
  }

  /// Reads a number that begins at a position, which moves behind its end. Numbers without a fraction
  /// are whole, however they are written.
  static func number(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(Failure) -> JSONValue {
    var end = position
    func digits() -> Int {
      let start = end
      while end < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[end]) {
        end += 1
      }
      return end - start
    }
    func has(_ marks: UInt8...) -> Bool {
      guard end < bytes.count, marks.contains(bytes[end]) else { return false }
      end += 1
      return true
    }
    let isNegative = has(UInt8(ascii: "-"))
    let first = end
    let whole = digits()
    guard whole == 1 || (whole > 1 && bytes[first] != UInt8(ascii: "0")) else {
      throw Failure(found: nil, expected: "a number without zeros in front")
    }
    let isPlain = end
    if has(UInt8(ascii: ".")), digits() == 0 {
      throw Failure(found: nil, expected: "a number with digits behind its point")
    }
    if has(UInt8(ascii: "e"), UInt8(ascii: "E")) {
      _ = has(UInt8(ascii: "+"), UInt8(ascii: "-"))
      if digits() == 0 { throw Failure(found: nil, expected: "a number with an exponent") }
    }
    let text = bytes[position..<end]
    if end == isPlain, let value = integer(bytes[first..<end], isNegative) {
      position = end
      return .int(value)
    }
    // Locales do not matter to this initializer.
    guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else {
      throw Failure(found: "a number out of range", expected: "one that a double holds")
    }
    position = end
    return Int(exactly: value).map { .int($0) } ?? .number(value)
  }

  private static func integer(
    _ digits: Slice<UnsafeRawBufferPointer>, _ isNegative: Bool
  ) -> Int? {
    var value = 0
    for byte in digits {
      let (tens, isLong) = value.multipliedReportingOverflow(by: 10)
      let digit = Int(byte) - 48
      let (sum, isLarge) =
        isNegative
        ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      if isLong || isLarge { return nil }
      value = sum
    }
    return value
  }
}
