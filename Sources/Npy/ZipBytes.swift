/// A part of a zip file in memory, whose numbers are read by their place in the file. Whoever asks has
/// checked that they lie inside.
struct ZipBytes {
  private let memory: Memory
  /// Where it begins in the file.
  let start: Int

  /// What a field of 32 bits holds whose number stands in the zip64 extra field.
  static let full = 0xFFFF_FFFF

  init(_ memory: Memory, at start: Int) {
    self.memory = memory
    self.start = start
  }

  var end: Int { start + memory.bytes.count }

  func half(_ offset: Int) -> Int {
    Int(memory.bytes.loadUnaligned(fromByteOffset: offset - start, as: UInt16.self).littleEndian)
  }
  func word(_ offset: Int) -> UInt32 {
    memory.bytes.loadUnaligned(fromByteOffset: offset - start, as: UInt32.self).littleEndian
  }
  func long(_ offset: Int) -> Int? {
    Int(
      exactly: memory.bytes.loadUnaligned(fromByteOffset: offset - start, as: UInt64.self)
        .littleEndian)
  }
  func text(_ range: Range<Int>) -> String {
    String(
      decoding: memory.bytes[range.lowerBound - start..<range.upperBound - start], as: UTF8.self)
  }
  func equals(_ text: String, in range: Range<Int>) -> Bool {
    memory.bytes[range.lowerBound - start..<range.upperBound - start].elementsEqual(text.utf8)
  }

  /// The numbers of the zip64 field among extra fields; empty when there is none.
  func zip64Extra(_ range: Range<Int>) -> Range<Int> {
    var position = range.lowerBound
    while position <= range.upperBound - 4 {
      let length = half(position + 2)
      guard length <= range.upperBound - position - 4 else { break }
      if half(position) == 1 { return position + 4..<position + 4 + length }
      position += 4 + length
    }
    return range.upperBound..<range.upperBound
  }
}

/// The record at the end of a zip file, which says where its directory is.
struct ZipEnd {
  private let source: StoredFile
  private let tail: ZipBytes

  init(of source: StoredFile) throws(NpyError) {
    self.source = source
    guard source.size >= 22 else {
      throw .badArchive(
        file: source.file, found: "\(source.size) bytes",
        expected: "at least the 22 of an empty archive")
    }
    let start = max(0, source.size - 22 - 65535 - 20)
    tail = ZipBytes(try source.load(start..<source.size), at: start)
  }

  /// The end record: at the very end, in front of a comment of at most 65535 bytes.
  func location() throws(NpyError) -> (offset: Int, size: Int, count: Int, end: Int) {
    let lowest = max(0, source.size - 22 - 65535)
    for end in stride(from: source.size - 22, through: lowest, by: -1)
    where tail.word(end) == 0x0605_4b50 {
      guard end + 22 + tail.half(end + 20) <= source.size else { continue }
      if let large = try zip64Location(end: end) { return large }
      return (Int(tail.word(end + 16)), Int(tail.word(end + 12)), tail.half(end + 10), end)
    }
    throw broken("no end record", "the end record of a zip archive; the file may be truncated")
  }

  private func zip64Location(
    end: Int
  ) throws(NpyError) -> (offset: Int, size: Int, count: Int, end: Int)? {
    let locator = end - 20
    guard locator >= tail.start, tail.word(locator) == 0x0706_4b50 else { return nil }
    guard let place = tail.long(locator + 8), place <= source.size - 56 else { throw lost }
    let record = ZipBytes(try source.load(place..<place + 56), at: place)
    guard record.word(place) == 0x0606_4b50, let count = record.long(place + 32),
      let size = record.long(place + 40), let offset = record.long(place + 48)
    else { throw lost }
    return (offset, size, count, place)
  }

  private var lost: NpyError { broken("a zip64 locator that leads nowhere", "a zip64 end record") }

  private func broken(_ found: String, _ expected: String) -> NpyError {
    .badArchive(file: source.file, found: found, expected: expected)
  }
}
