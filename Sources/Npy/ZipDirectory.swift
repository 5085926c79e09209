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
  let bytes: UnsafeRawBufferPointer
  let file: String

  func entries() throws(NpyError) -> [ZipEntry] {
    let (offset, size, end) = try location()
    guard offset >= 0, size >= 0, offset <= end, size <= end - offset else {
      throw broken("a directory of \(size) bytes at \(offset)", "one in front of byte \(end)")
    }
    var entries: [ZipEntry] = []
    var position = offset
    while position < offset + size {
      entries.append(try entry(at: &position, end: offset + size))
    }
    return entries
  }

  /// Where the data of a member starts: behind its own header, whose name and extra field count.
  func dataRange(of entry: ZipEntry) throws(NpyError) -> Range<Int> {
    let start = entry.headerOffset
    guard start >= 0, start <= bytes.count - 30, word(start) == 0x0403_4b50 else {
      throw broken("no member header at byte \(start)", "the header of '\(entry.name)'")
    }
    let data = start + 30 + half(start + 26) + half(start + 28)
    let size = entry.packedSize
    guard data <= bytes.count, size <= bytes.count - data else {
      throw .truncatedData(
        file: "\(file):\(entry.name)", found: max(0, bytes.count - data), expected: size)
    }
    return data..<data + size
  }

  /// The end record: at the very end, in front of a comment of at most 65535 bytes.
  private func location() throws(NpyError) -> (offset: Int, size: Int, end: Int) {
    guard bytes.count >= 22 else {
      throw broken("\(bytes.count) bytes", "at least the 22 of an empty archive")
    }
    let lowest = max(0, bytes.count - 22 - 65535)
    for end in stride(from: bytes.count - 22, through: lowest, by: -1)
    where bytes[end] == 0x50 && word(end) == 0x0605_4b50 {
      let comment = half(end + 20)
      guard end + 22 + comment <= bytes.count else { continue }
      if let large = try zip64Location(end: end) { return large }
      return (Int(word(end + 16)), Int(word(end + 12)), end)
    }
    throw broken("no end record", "the end record of a zip archive; the file may be truncated")
  }

  private func zip64Location(end: Int) throws(NpyError) -> (offset: Int, size: Int, end: Int)? {
    let locator = end - 20
    guard locator >= 0, word(locator) == 0x0706_4b50 else { return nil }
    guard let record = long(locator + 8), record <= bytes.count - 56, word(record) == 0x0606_4b50,
      let size = long(record + 40), let offset = long(record + 48)
    else { throw broken("a zip64 locator that leads nowhere", "a zip64 end record") }
    return (offset, size, record)
  }

  private func entry(at position: inout Int, end: Int) throws(NpyError) -> ZipEntry {
    let start = position
    guard start <= end - 46, word(start) == 0x0201_4b50 else {
      throw broken("no directory entry at byte \(start)", "the entry of a member")
    }
    let nameEnd = start + 46 + half(start + 28)
    let extraEnd = nameEnd + half(start + 30)
    let next = extraEnd + half(start + 32)
    guard next <= end else { throw broken("a directory entry that is cut off", "\(next) bytes") }
    position = next
    let name = String(decoding: bytes[start + 46..<nameEnd], as: UTF8.self)
    var size = Int(word(start + 24))
    var packed = Int(word(start + 20))
    var offset = Int(word(start + 42))
    // Fields that are full stand in the zip64 extra field instead, in this order.
    var extra = try zip64Extra(nameEnd..<extraEnd, name: name)
    if size == 0xFFFF_FFFF { size = try take(&extra, name) }
    if packed == 0xFFFF_FFFF { packed = try take(&extra, name) }
    if offset == 0xFFFF_FFFF { offset = try take(&extra, name) }
    return ZipEntry(
      name: name, method: half(start + 10), flags: half(start + 8), crc: word(start + 16),
      packedSize: packed, size: size, headerOffset: offset)
  }

  private func zip64Extra(_ range: Range<Int>, name: String) throws(NpyError) -> Range<Int> {
    var position = range.lowerBound
    while position <= range.upperBound - 4 {
      let length = half(position + 2)
      guard length <= range.upperBound - position - 4 else { break }
      if half(position) == 1 { return position + 4..<position + 4 + length }
      position += 4 + length
    }
    return range.upperBound..<range.upperBound
  }

  private func take(_ extra: inout Range<Int>, _ name: String) throws(NpyError) -> Int {
    // A member of exactly 4 GiB - 1 has no extra field in theory; no .npz writer does that.
    guard extra.count >= 8, let value = long(extra.lowerBound) else {
      throw broken("no valid zip64 field for '\(name)'", "sizes below 2^63")
    }
    extra = extra.lowerBound + 8..<extra.upperBound
    return value
  }

  private func broken(_ found: String, _ expected: String) -> NpyError {
    .badArchive(file: file, found: found, expected: expected)
  }

  // The callers have checked that these bytes exist.
  private func half(_ offset: Int) -> Int {
    Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self).littleEndian)
  }
  private func word(_ offset: Int) -> UInt32 {
    bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self).littleEndian
  }
  private func long(_ offset: Int) -> Int? {
    Int(exactly: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
  }
}
