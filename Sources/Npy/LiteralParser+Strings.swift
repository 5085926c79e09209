extension LiteralParser {
  /// The byte at the position, if any is left.
  var peek: UInt8? { position < text.count ? text[position] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while let byte = peek, byte == 32 || (9...13).contains(byte) { position += 1 }
  }

  /// What stands at the position, for a message.
  func failure(expected: String) -> Failure {
    let found: String
    if let byte = peek {
      found =
        (33...126).contains(byte)
        ? "'\(Character(UnicodeScalar(byte)))'" : "the byte 0x\(hex(UInt32(byte)))"
    } else {
      found = "the end of the header"
    }
    return Failure(offset: position, found: found, expected: expected)
  }

  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }

  /// A string in single or double quotes, with the escapes of Python or JSON.
  mutating func string() throws(Failure) -> String {
    _ = take(UInt8(ascii: "u"))
    guard let quote = peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure(expected: "a string in quotes")
    }
    let start = position
    position += 1
    var bytes: [UInt8] = []
    while let byte = peek {
      if byte == quote {
        position += 1
        guard let text = String(validating: bytes, as: UTF8.self) else {
          position = start
          throw failure(expected: "a string in UTF-8")
        }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        bytes.append(contentsOf: try escape().utf8)
        continue
      }
      guard byte != 10 && byte != 13 else { throw failure(expected: "the closing quote") }
      position += 1
      if utf8 || byte < 128 {
        bytes.append(byte)
      } else {
        bytes.append(contentsOf: String(Character(UnicodeScalar(byte))).utf8)
      }
    }
    throw failure(expected: "the closing quote")
  }

  private mutating func escape() throws(Failure) -> String {
    position += 1
    let byte = peek
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""):
      position += 1
      return String(Character(UnicodeScalar(byte ?? 0)))
    case UInt8(ascii: "/") where isJSON: return plain("/")
    case UInt8(ascii: "b") where isJSON: return plain("\u{8}")
    case UInt8(ascii: "f") where isJSON: return plain("\u{C}")
    case UInt8(ascii: "u") where isJSON: return try unit()
    case UInt8(ascii: "n"): return plain("\n")
    case UInt8(ascii: "r"): return plain("\r")
    case UInt8(ascii: "t"): return plain("\t")
    case UInt8(ascii: "x"): return try scalar(digits: 2)
    case UInt8(ascii: "u"): return try scalar(digits: 4)
    case UInt8(ascii: "U"): return try scalar(digits: 8)
    default: throw failure(expected: "an escape that \(isJSON ? "JSON" : "Python") knows")
    }
  }

  private mutating func plain(_ text: String) -> String {
    position += 1
    return text
  }

  /// A unit of UTF-16, and the one that belongs to it.
  private mutating func unit() throws(Failure) -> String {
    let first = try number(digits: 4)
    guard (0xD800..<0xDC00).contains(first), peek == UInt8(ascii: "\\") else {
      return try text(of: first)
    }
    position += 1
    guard peek == UInt8(ascii: "u") else { throw failure(expected: "the other half of a pair") }
    let second = try number(digits: 4)
    guard (0xDC00..<0xE000).contains(second) else {
      throw failure(expected: "the other half of a pair")
    }
    return try text(of: 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
  }

  private mutating func scalar(digits: Int) throws(Failure) -> String {
    let value = try number(digits: digits)
    return try text(of: value)
  }

  private mutating func number(digits: Int) throws(Failure) -> UInt32 {
    position += 1
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw failure(expected: "\(digits) hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private func text(of value: UInt32) throws(Failure) -> String {
    guard let scalar = UnicodeScalar(value) else {
      throw failure(expected: "a Unicode character, not U+\(String(value, radix: 16))")
    }
    return String(Character(scalar))
  }
}
