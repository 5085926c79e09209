import Runs

/// Reads what a `ByteWriter` wrote. Bytes that are damaged throw; none can trap.
struct ByteReader {
  private let bytes: [UInt8]
  private var offset: Int
  private let limit: Int

  init(_ bytes: [UInt8]) { self.init(bytes, 0..<bytes.count) }

  /// A reader of a part of some bytes.
  init(_ bytes: [UInt8], _ range: Range<Int>) {
    self.bytes = bytes
    offset = range.lowerBound
    limit = range.upperBound
  }

  /// How many bytes are left.
  var remaining: Int { limit - offset }

  /// A number.
  mutating func word<Word: FixedWidthInteger>(_ type: Word.Type) throws(RunError) -> Word {
    let size = MemoryLayout<Word>.size
    try require(size)
    defer { offset += size }
    return Word(
      littleEndian: bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: offset, as: Word.self)
      })
  }

  /// So many numbers.
  mutating func words<Word: FixedWidthInteger>(
    _ count: Int, _ type: Word.Type
  ) throws(RunError) -> [Word] {
    let size = MemoryLayout<Word>.size
    guard count >= 0, count <= remaining / size else { throw Self.short(count, remaining / size) }
    guard count > 0 else { return [] }
    var result = [Word](repeating: 0, count: count)
    let range = offset..<(offset + count * size)
    offset = range.upperBound
    bytes.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { $0.copyMemory(from: .init(rebasing: source[range])) }
    }
    return Word(1).littleEndian == 1 ? result : result.map { Word(littleEndian: $0) }
  }

  /// A value.
  mutating func value<Value: Portable>(_ type: Value.Type = Value.self) throws(RunError) -> Value {
    try Value(from: &self)
  }

  /// How many values follow, each of which takes at least a byte.
  mutating func count() throws(RunError) -> Int {
    let count = try value(Int.self)
    guard count <= remaining else { throw Self.short(count, remaining) }
    return count
  }

  /// A reader of the next bytes alone, which are then behind this one.
  mutating func part(_ size: Int) throws(RunError) -> ByteReader {
    try require(size)
    defer { offset += size }
    return ByteReader(bytes, offset..<(offset + size))
  }

  /// - Throws: `RunError.shard` when something is left.
  func end() throws(RunError) {
    guard remaining == 0 else {
      throw .shard("bytes of a shard", found: "\(remaining) more bytes", expected: "their end")
    }
  }

  private func require(_ size: Int) throws(RunError) {
    guard size >= 0, size <= remaining else { throw Self.short(size, remaining) }
  }

  private static func short(_ wanted: Int, _ left: Int) -> RunError {
    .shard("bytes of a shard", found: "\(left) more", expected: "\(wanted)")
  }
}
