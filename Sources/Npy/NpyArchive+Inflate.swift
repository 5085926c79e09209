extension NpyArchive {
  /// Members up to this size are unpacked to memory, larger ones to a file.
  private static let memoryLimit = 64 << 20
  /// Deflate cannot do better than 1032 to 1.
  private static let bestRatio = 1032

  /// Unpacks a member, no further than the header at its beginning promises.
  func inflate(
    _ entry: ZipEntry, range: Range<Int>, label: String
  ) throws(NpyError) -> NpyArray {
    let packed = UnsafeRawBufferPointer(rebasing: mapping.bytes[range])
    let (bound, overflow) = packed.count.multipliedReportingOverflow(by: Self.bestRatio)
    guard overflow || entry.size <= bound + Self.bestRatio else {
      throw .badArchive(
        file: label, found: "\(packed.count) packed bytes for \(entry.size)",
        expected: "at least one for every \(Self.bestRatio)")
    }
    let header = try self.header(packed, entry: entry, label: label)
    let size = header.dataOffset + header.dataSize
    guard header.elementType == .object || entry.size >= size else {
      throw .truncatedData(
        file: label, found: max(0, entry.size - header.dataOffset), expected: header.dataSize)
    }
    guard header.elementType == .object || entry.size - size <= NpyHeader.lengthLimit else {
      throw .badArchive(
        file: label, found: "\(entry.size) bytes", expected: "\(size), as its header says")
    }
    let unpacked = try unpack(packed, entry: entry, label: label)
    return try NpyArray(mapping: unpacked, range: 0..<unpacked.bytes.count, file: label)
  }

  /// The header alone, from a first piece that is as long as a header may be.
  private func header(
    _ packed: UnsafeRawBufferPointer, entry: ZipEntry, label: String
  ) throws(NpyError) -> NpyHeader {
    var head = [UInt8](repeating: 0, count: min(entry.size, 12 + NpyHeader.lengthLimit))
    guard var inflater = Inflater(packed) else { throw damaged(label, 0, entry) }
    let found = head.withUnsafeMutableBytes { inflater.read(into: $0) }
    guard let found else { throw damaged(label, 0, entry) }
    var result: Result<NpyHeader, NpyError>?
    head.withUnsafeBytes { bytes in
      result = Result { () throws(NpyError) in
        try NpyHeader(parsing: UnsafeRawBufferPointer(rebasing: bytes[..<found]), file: label)
      }
    }
    guard let result else { throw damaged(label, 0, entry) }
    return try result.get()
  }

  private func unpack(
    _ packed: UnsafeRawBufferPointer, entry: ZipEntry, label: String
  ) throws(NpyError) -> Mapping {
    guard var inflater = Inflater(packed) else { throw damaged(label, 0, entry) }
    var checksum = Checksum()
    let result: Mapping
    if entry.size <= Self.memoryLimit {
      result = try Mapping(zeros: entry.size, file: label)
      let count = inflater.read(into: result.bytes)
      guard count == entry.size else { throw damaged(label, count ?? 0, entry) }
      checksum.add(UnsafeRawBufferPointer(result.bytes))
    } else {
      // Written, not stored through a mapping: a full disk is then an error and not a signal.
      let target = try SystemFile(anonymousFor: label)
      let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
      defer { piece.deallocate() }
      var written = 0
      while written < entry.size {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: piece[..<min(piece.count, entry.size - written)])
        guard let count = inflater.read(into: room), count > 0 else {
          throw damaged(label, written, entry)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: room[..<count])
        checksum.add(bytes)
        try target.write(bytes)
        written += count
      }
      result = try Mapping(of: target)
    }
    guard inflater.isAtEnd() else {
      throw .badArchive(
        file: label, found: "a deflate stream that goes on",
        expected: "its end at \(entry.size) bytes")
    }
    try check(checksum.value, entry: entry, label: label)
    return result
  }

  private func damaged(_ label: String, _ found: Int, _ entry: ZipEntry) -> NpyError {
    .badArchive(
      file: label, found: "a deflate stream that breaks off or is damaged near byte \(found)",
      expected: "\(entry.size) bytes from it")
  }
}
