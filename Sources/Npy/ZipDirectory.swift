/// One member of an archive, as its central directory lists it.
struct ZipEntry: Hashable {
  let name: String
  let method: Int
  let flags: Int
  let crc: UInt32
  let packedSize: Int
  let size: Int
  let headerOffset: Int
}

/// The list of members at the end of a zip file, zip64 included.
///
/// Every number in it comes from the file: sums are checked and ranges compared before they are used.
struct ZipDirectory {
  private let source: StoredFile
  /// The first byte of the directory.
  let offset: Int
  private let size: Int

  /// Far more members than a model has arrays. Their list has to fit in memory.
  static let memberLimit = 1 << 16
  private static let byteLimit = 32 << 20

  /// Finds the directory.
  init(of source: StoredFile) throws(NpyError) {
    self.source = source
    let (offset, size, count, end) = try ZipEnd(of: source).location()
    guard offset >= 0, size >= 0, offset <= end, size <= end - offset else {
      throw .badArchive(
        file: source.file, found: "a directory of \(size) bytes at \(offset)",
        expected: "one in front of byte \(end)")
    }
    guard count <= Self.memberLimit else { throw Self.tooMany(source, count) }
    guard size <= Self.byteLimit else {
      throw .badArchive(
        file: source.file, found: "a directory of \(size) bytes",
        expected: "at most \(Self.byteLimit)")
    }
    self.offset = offset
    self.size = size
  }

  func entries() throws(NpyError) -> [ZipEntry] {
    let bytes = ZipBytes(try source.load(offset..<offset + size), at: offset)
    var entries: [ZipEntry] = []
    var position = offset
    while position < offset + size {
      guard entries.count < Self.memberLimit else { throw Self.tooMany(source, entries.count + 1) }
      entries.append(try entry(at: &position, end: offset + size, in: bytes))
    }
    return entries
  }

  private static func tooMany(_ source: StoredFile, _ count: Int) -> NpyError {
    .badArchive(
      file: source.file, found: "\(count) members", expected: "at most \(memberLimit)")
  }

  private func entry(
    at position: inout Int, end: Int, in bytes: ZipBytes
  ) throws(NpyError) -> ZipEntry {
    let start = position
    guard start <= end - 46, bytes.word(start) == 0x0201_4b50 else {
      throw broken("no directory entry at byte \(start)", "the entry of a member")
    }
    let nameEnd = start + 46 + bytes.half(start + 28)
    let extraEnd = nameEnd + bytes.half(start + 30)
    let next = extraEnd + bytes.half(start + 32)
    guard next <= end else { throw broken("a directory entry that is cut off", "\(next) bytes") }
    position = next
    let name = bytes.text(start + 46..<nameEnd)
    var size = Int(bytes.word(start + 24))
    var packed = Int(bytes.word(start + 20))
    var offset = Int(bytes.word(start + 42))
    // Fields that are full stand in the zip64 extra field instead, in this order.
    var extra = bytes.zip64Extra(nameEnd..<extraEnd)
    if size == ZipBytes.full { size = try take(&extra, name, bytes) }
    if packed == ZipBytes.full { packed = try take(&extra, name, bytes) }
    if offset == ZipBytes.full { offset = try take(&extra, name, bytes) }
    return ZipEntry(
      name: name, method: bytes.half(start + 10), flags: bytes.half(start + 8),
      crc: bytes.word(start + 16), packedSize: packed, size: size, headerOffset: offset)
  }

  private func take(
    _ extra: inout Range<Int>, _ name: String, _ bytes: ZipBytes
  ) throws(NpyError) -> Int {
    // A member of exactly 4 GiB - 1 has no extra field in theory; no .npz writer does that.
    guard extra.count >= 8, let value = bytes.long(extra.lowerBound) else {
      throw broken("no valid zip64 field for '\(name)'", "sizes below 2^63")
    }
    extra = extra.lowerBound + 8..<extra.upperBound
    return value
  }

  private func broken(_ found: String, _ expected: String) -> NpyError {
    .badArchive(file: source.file, found: found, expected: expected)
  }
}
