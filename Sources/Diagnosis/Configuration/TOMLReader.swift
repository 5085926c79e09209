import Runs

/// Reads a TOML document, and keeps what stands in one of its tables. Dates are kept as texts.
///
/// A library was tried (TOMLKit): it brings all of Foundation, which doubles the size of the engine.
struct TOMLReader {
  /// Why a text is no TOML.
  struct Failure: Error {
    let line: Int
    let reason: String
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// The table that is kept, and what was found in it.
  private let wanted: [String]
  private var kept: [String: JSONValue] = [:]
  private var isFound: Bool
  /// The table that lines belong to.
  private var table: [String] = []

  private static let depthLimit = 64

  /// - Parameter wanted: the keys that lead to the table that is kept; none for the document.
  /// - Returns: its members by key, tables in tables; nil where there is no such table.
  static func table(_ wanted: [String], of text: String) throws(Failure) -> JSONValue? {
    var reader = TOMLReader(text, wanted)
    try reader.read()
    return reader.isFound ? .object(reader.kept) : nil
  }

  private init(_ text: String, _ wanted: [String]) {
    bytes = Array(text.utf8)
    self.wanted = wanted
    isFound = wanted.isEmpty
  }

  private mutating func read() throws(Failure) {
    while true {
      skipBlank()
      guard let byte = peek else { return }
      if byte == UInt8(ascii: "[") {
        position += 1
        let isList = take("[")
        table = try keys()
        guard take("]"), !isList || take("]") else { throw wrong("a ] after the name of a table") }
        if isList { table.append("") }  // Of lists of tables nothing is kept.
        if table.starts(with: wanted) { isFound = true }
      } else {
        let path = table + (try keys())
        guard take("=") else { throw wrong("key = value, or [table]") }
        try keep(try value(0), at: path)
      }
      skipSpace()
      guard peek == nil || atLineEnd else { throw wrong("the end of the line") }
    }
  }

  private mutating func keep(_ value: JSONValue, at path: [String]) throws(Failure) {
    if path == wanted, case .object(let members) = value {
      for (key, value) in members { try keep(value, at: path + [key]) }
      isFound = true
      return
    }
    guard path.starts(with: wanted), path.count > wanted.count else { return }
    isFound = true
    guard Self.put(value, path[wanted.count...], in: &kept) else {
      throw Failure(line: line, reason: "found \(path.joined(separator: ".")) a second time")
    }
  }

  private static func put(
    _ value: JSONValue, _ path: ArraySlice<String>, in table: inout [String: JSONValue]
  ) -> Bool {
    guard let key = path.first else { return false }
    guard path.count > 1 else { return table.updateValue(value, forKey: key) == nil }
    var inner: [String: JSONValue] = [:]
    if let there = table[key] {
      guard case .object(let members) = there else { return false }
      inner = members
    }
    let isNew = put(value, path.dropFirst(), in: &inner)
    table[key] = .object(inner)
    return isNew
  }

  // MARK: values

  private mutating func value(_ depth: Int) throws(Failure) -> JSONValue {
    guard depth < Self.depthLimit else {
      throw Failure(line: line, reason: "values lie deeper in each other than \(Self.depthLimit)")
    }
    skipSpace()
    switch peek {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try text())
    case UInt8(ascii: "["): return try list(depth)
    case UInt8(ascii: "{"): return try inlineTable(depth)
    default: return try word()
    }
  }

  private mutating func list(_ depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    while true {
      skipBlank()
      if take("]") { return .array(values) }
      values.append(try value(depth + 1))
      skipBlank()
      if take(",") { continue }
      guard take("]") else { throw wrong("a comma or a ] in a list") }
      return .array(values)
    }
  }

  private mutating func inlineTable(_ depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var members: [String: JSONValue] = [:]
    skipBlank()
    if take("}") { return .object(members) }
    while true {
      skipBlank()
      let path = try keys()
      guard take("=") else { throw wrong("key = value in a table") }
      guard Self.put(try value(depth + 1), path[...], in: &members) else {
        throw Failure(line: line, reason: "found \(path.joined(separator: ".")) a second time")
      }
      skipBlank()
      if take(",") { continue }
      guard take("}") else { throw wrong("a comma or a } in a table") }
      return .object(members)
    }
  }

  /// A number, true, false, or a date.
  private mutating func word() throws(Failure) -> JSONValue {
    let start = position
    while let byte = peek, !Self.ends.contains(byte) { position += 1 }
    var text = String(decoding: bytes[start..<position], as: UTF8.self)
    while text.last == " " || text.last == "\t" { text.removeLast() }
    if text == "true" || text == "false" { return .bool(text == "true") }
    let digits = text.filter { $0 != "_" }
    if let whole = Int(digits) { return .int(whole) }
    if let number = Double(digits) { return .number(number) }
    let isDate = text.utf8.count >= 8 && text.utf8.allSatisfy(Self.dateBytes.contains)
    let isOther = ["0x", "0o", "0b"].contains { text.hasPrefix($0) }
    guard isDate || isOther else {
      throw Failure(
        line: line,
        reason: "found \(text.isEmpty ? "nothing" : String(text.prefix(40))), expected a value")
    }
    return .string(text)
  }

  private static let ends = Set(",]}#\n\r".utf8)
  private static let dateBytes = Set("0123456789-:.TZtz+ ".utf8)

  // MARK: keys and texts

  /// `a.b."c d"`.
  private mutating func keys() throws(Failure) -> [String] {
    var path: [String] = []
    repeat {
      skipSpace()
      if peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") {
        path.append(try text())
      } else {
        let start = position
        while let byte = peek, Self.isBare(byte) { position += 1 }
        guard position > start else { throw wrong("a key") }
        path.append(String(decoding: bytes[start..<position], as: UTF8.self))
      }
      skipSpace()
    } while take(".")
    return path
  }

  private static func isBare(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }

  private mutating func text() throws(Failure) -> String {
    let mark = bytes[position]
    let begin = line
    let isLong = bytes[position...].starts(with: [mark, mark, mark])
    position += isLong ? 3 : 1
    var result: [UInt8] = []
    while let byte = peek {
      if isLong ? bytes[position...].starts(with: [mark, mark, mark]) : byte == mark {
        position += isLong ? 3 : 1
        // Up to two more quotes belong to the text.
        while isLong, peek == mark {
          result.append(mark)
          position += 1
        }
        return String(decoding: result, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\n") {
        guard isLong else { break }
        line += 1
      }
      position += 1
      if byte == UInt8(ascii: "\\"), mark == UInt8(ascii: "\"") {
        result += try escaped()
      } else {
        result.append(byte)
      }
    }
    throw Failure(line: begin, reason: "found no end of a text in quotes")
  }

  private mutating func escaped() throws(Failure) -> [UInt8] {
    guard let byte = peek else { return [] }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "e"): return [27]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = byte == UInt8(ascii: "u") ? 4 : 8
      let digits = String(decoding: bytes[position...].prefix(count), as: UTF8.self)
      guard digits.count == count, let code = UInt32(digits, radix: 16),
        let scalar = UnicodeScalar(code)
      else { throw wrong("\(count) hexadecimal digits of a character") }
      position += count
      return Array(String(Character(scalar)).utf8)
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"):
      // The line goes on where the next text is.
      position -= 1
      while let next = peek, [9, 10, 13, 32].contains(next) {
        if next == 10 { line += 1 }
        position += 1
      }
      return []
    default: throw wrong("an escape such as \\n")
    }
  }

  // MARK: bytes

  private var peek: UInt8? { bytes.indices.contains(position) ? bytes[position] : nil }

  private var atLineEnd: Bool {
    peek == UInt8(ascii: "\n") || peek == UInt8(ascii: "\r") || peek == UInt8(ascii: "#")
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while peek == 32 || peek == 9 { position += 1 }
  }

  /// Spaces, ends of lines and comments.
  private mutating func skipBlank() {
    while let byte = peek {
      switch byte {
      case 10: line += 1
      case 9, 13, 32: break
      case UInt8(ascii: "#"):
        while let next = peek, next != 10 { position += 1 }
        continue
      default: return
      }
      position += 1
    }
  }

  private func wrong(_ expected: String) -> Failure {
    let rest = bytes.dropFirst(position).prefix { $0 != 10 && $0 != 13 }.prefix(40)
    let found = rest.isEmpty ? "nothing more" : String(decoding: rest, as: UTF8.self)
    return Failure(line: line, reason: "found \(found), expected \(expected)")
  }
}
