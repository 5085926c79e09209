/// Holds the members of an archive against each other, and against their own headers.
///
/// Members that share bytes make a small file of any amount of work: every one of them unpacks the same
/// bytes again.
struct ZipMembers {
  let source: StoredFile

  /// Where the data of a member stands: behind its own header, which has to say what the directory
  /// says.
  func dataRange(of entry: ZipEntry) throws(NpyError) -> Range<Int> {
    guard let header = try header(of: entry) else {
      throw .badArchive(
        file: source.file, found: "no member header at byte \(entry.headerOffset)",
        expected: "the header of '\(entry.name)'")
    }
    guard header.end <= source.size, entry.packedSize <= source.size - header.end else {
      throw .truncatedData(
        file: "\(source.file):\(entry.name)", found: max(0, source.size - header.end),
        expected: entry.packedSize)
    }
    try check(header, against: entry)
    return header.end..<header.end + entry.packedSize
  }

  /// Checks that no byte belongs to two members, or to a member and the directory.
  func checkOverlaps(_ entries: [ZipEntry], directory: Int) throws(NpyError) {
    var spans: [(start: Int, end: Int, entry: Int)] = []
    spans.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      let start = entry.headerOffset
      let data = try header(of: entry)?.end ?? start
      // What lies outside the file is an error of that member alone.
      guard start <= source.size, data <= source.size, entry.packedSize <= source.size - data
      else { continue }
      spans.append((start, data + entry.packedSize, index))
    }
    spans.sort { ($0.start, $0.entry) < ($1.start, $1.entry) }
    var last: (end: Int, entry: Int)?
    for span in spans {
      if let last, span.start < last.end {
        throw shared(entries[span.entry], "the member '\(entries[last.entry].name)'")
      }
      if span.end > directory { throw shared(entries[span.entry], "the directory") }
      last = (span.end, span.entry)
    }
  }

  private func shared(_ entry: ZipEntry, _ other: String) -> NpyError {
    .badArchive(
      file: "\(source.file):\(entry.name)", found: "bytes that also belong to \(other)",
      expected: "members that do not overlap")
  }

  /// The header in front of a member's data, and where that begins; nil when there is none.
  private func header(of entry: ZipEntry) throws(NpyError) -> (bytes: ZipBytes, end: Int)? {
    let start = entry.headerOffset
    guard start >= 0, start <= source.size - 30 else { return nil }
    let bytes = ZipBytes(try source.load(start..<start + 30), at: start)
    guard bytes.word(start) == 0x0403_4b50 else { return nil }
    return (bytes, start + 30 + bytes.half(start + 26) + bytes.half(start + 28))
  }

  private func check(
    _ header: (bytes: ZipBytes, end: Int), against entry: ZipEntry
  ) throws(NpyError) {
    let start = entry.headerOffset
    let bytes = ZipBytes(try source.load(start..<header.end), at: start)
    let nameEnd = start + 30 + bytes.half(start + 26)
    guard bytes.equals(entry.name, in: start + 30..<nameEnd) else {
      throw differs(entry, "the name '\(bytes.text(start + 30..<nameEnd))'", "'\(entry.name)'")
    }
    guard bytes.half(start + 8) == entry.method else {
      throw differs(entry, "the compression method \(bytes.half(start + 8))", "\(entry.method)")
    }
    guard bytes.half(start + 6) & 1 == entry.flags & 1 else {
      throw differs(entry, "another word on encryption", "the same")
    }
    // Bit 3: sizes and checksum stand behind the data, and are zero here.
    if entry.flags & 8 != 0 || bytes.half(start + 6) & 8 != 0 { return }
    var size = Int(bytes.word(start + 22))
    var packed = Int(bytes.word(start + 18))
    let extra = bytes.zip64Extra(nameEnd..<header.end)
    if extra.count >= 16, size == ZipBytes.full || packed == ZipBytes.full {
      size = bytes.long(extra.lowerBound) ?? size
      packed = bytes.long(extra.lowerBound + 8) ?? packed
    }
    guard size == ZipBytes.full || size == entry.size else {
      throw differs(entry, "\(size) bytes", "\(entry.size)")
    }
    guard packed == ZipBytes.full || packed == entry.packedSize else {
      throw differs(entry, "\(packed) packed bytes", "\(entry.packedSize)")
    }
    guard bytes.word(start + 14) == entry.crc else {
      throw differs(entry, "another checksum", "\(String(entry.crc, radix: 16))")
    }
  }

  private func differs(_ entry: ZipEntry, _ found: String, _ expected: String) -> NpyError {
    .badArchive(
      file: "\(source.file):\(entry.name)", found: "a member header with \(found)",
      expected: "\(expected), as the directory says")
  }
}
