import Runs

/// What can be told to another process in bytes.
protocol Portable {
  func write(to writer: inout ByteWriter)
  /// - Throws: `RunError.shard` when the bytes are damaged.
  init(from reader: inout ByteReader) throws(RunError)

  /// Writes several values, their count first.
  static func writeAll(_ values: [Self], to writer: inout ByteWriter)
  static func readAll(from reader: inout ByteReader) throws(RunError) -> [Self]
}

extension Portable {
  static func writeAll(_ values: [Self], to writer: inout ByteWriter) {
    writer.put(values.count)
    for value in values { value.write(to: &writer) }
  }

  static func readAll(from reader: inout ByteReader) throws(RunError) -> [Self] {
    let count = try reader.count()
    var result: [Self] = []
    result.reserveCapacity(Swift.min(count, 1 << 16))
    for _ in 0..<count { result.append(try Self(from: &reader)) }
    return result
  }
}

/// Counts and places: from 0 to 2⁵⁰, so that no sum over all lanes can overflow.
extension Int: Portable {
  private static let limit = 1 << 50

  func write(to writer: inout ByteWriter) { writer.put(word: Int64(self)) }

  init(from reader: inout ByteReader) throws(RunError) {
    self = try Self.checked(try reader.word(Int64.self))
  }

  static func writeAll(_ values: [Int], to writer: inout ByteWriter) {
    writer.put(values.count)
    writer.put(words: values.map { Int64($0) })
  }

  static func readAll(from reader: inout ByteReader) throws(RunError) -> [Int] {
    let count = try reader.count()
    var result: [Int] = []
    result.reserveCapacity(Swift.min(count, reader.remaining / 8))
    for word in try reader.words(count, Int64.self) { result.append(try checked(word)) }
    return result
  }

  private static func checked(_ word: Int64) throws(RunError) -> Int {
    guard (0...Int64(limit)).contains(word) else {
      throw .shard("a count of a shard", found: "\(word)", expected: "0 to 2^50")
    }
    return Int(word)
  }
}

extension UInt64: Portable {
  func write(to writer: inout ByteWriter) { writer.put(word: self) }

  init(from reader: inout ByteReader) throws(RunError) { self = try reader.word(UInt64.self) }

  static func writeAll(_ values: [UInt64], to writer: inout ByteWriter) {
    writer.put(values.count)
    writer.put(words: values)
  }

  static func readAll(from reader: inout ByteReader) throws(RunError) -> [UInt64] {
    try reader.words(try reader.count(), UInt64.self)
  }
}

extension Double: Portable {
  func write(to writer: inout ByteWriter) { writer.put(word: bitPattern) }

  init(from reader: inout ByteReader) throws(RunError) {
    self.init(bitPattern: try reader.word(UInt64.self))
  }

  static func writeAll(_ values: [Double], to writer: inout ByteWriter) {
    writer.put(values.count)
    writer.put(words: values.map(\.bitPattern))
  }

  static func readAll(from reader: inout ByteReader) throws(RunError) -> [Double] {
    try reader.words(try reader.count(), UInt64.self).map { Double(bitPattern: $0) }
  }
}

extension Float: Portable {
  func write(to writer: inout ByteWriter) { writer.put(word: bitPattern) }

  init(from reader: inout ByteReader) throws(RunError) {
    self.init(bitPattern: try reader.word(UInt32.self))
  }

  static func writeAll(_ values: [Float], to writer: inout ByteWriter) {
    writer.put(values.count)
    writer.put(words: values.map(\.bitPattern))
  }

  static func readAll(from reader: inout ByteReader) throws(RunError) -> [Float] {
    try reader.words(try reader.count(), UInt32.self).map { Float(bitPattern: $0) }
  }
}

extension Bool: Portable {
  func write(to writer: inout ByteWriter) { writer.put(word: UInt8(self ? 1 : 0)) }

  init(from reader: inout ByteReader) throws(RunError) {
    let byte = try reader.word(UInt8.self)
    guard byte <= 1 else { throw .shard("a flag of a shard", found: "\(byte)", expected: "0 or 1") }
    self = byte == 1
  }
}

extension String: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(utf8.count)
    writer.put(words: Array(utf8))
  }

  init(from reader: inout ByteReader) throws(RunError) {
    let bytes = try reader.words(try reader.count(), UInt8.self)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .shard("a text of a shard", found: "bytes that are no UTF-8", expected: "UTF-8")
    }
    self = text
  }
}

extension Optional: Portable where Wrapped: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(self != nil)
    if let self { writer.put(self) }
  }

  init(from reader: inout ByteReader) throws(RunError) {
    self = try reader.value(Bool.self) ? try Wrapped(from: &reader) : nil
  }
}

extension Array: Portable where Element: Portable {
  func write(to writer: inout ByteWriter) { Element.writeAll(self, to: &writer) }

  init(from reader: inout ByteReader) throws(RunError) {
    self = try Element.readAll(from: &reader)
  }
}
