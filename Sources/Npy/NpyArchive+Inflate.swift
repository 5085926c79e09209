extension NpyArchive {
  /// Members up to this size are unpacked to memory, larger ones to a file.
  private static let memoryLimit = 64 << 20
  /// Bytes that are unpacked at a time.
  private static let pieceBytes = 1 << 20
  /// Deflate cannot do better than 1032 to 1.
  private static let bestRatio = 1032

  /// Whether so many packed bytes can become as many as the directory says.
  static func isPossible(_ entry: ZipEntry) -> Bool {
    let (bound, overflow) = entry.packedSize.multipliedReportingOverflow(by: bestRatio)
    return overflow || entry.size - bestRatio <= bound
  }

  /// Unpacks a member, no further than the header at its beginning promises.
  func inflate(
    _ entry: ZipEntry, range packed: Range<Int>, label: String, _ isCancelled: () -> Bool
  ) throws(NpyError) -> NpyArray {
    guard Self.isPossible(entry) else {
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
    if entry.size <= Self.memoryLimit {
      let memory = try Memory(entry.size, for: label)
      let target = memory.bytes
      try unpack(packed, entry: entry, label: label, isCancelled) { written, count in
        UnsafeMutableRawBufferPointer(rebasing: target[written..<(written + count)])
      } _: { _ throws(NpyError) in
      }
      return try NpyArray(memory: memory, file: label)
    }
    // Written, not stored through a mapping: a full disk is then an error and not a signal.
    let target = try SystemFile(anonymousFor: label)
    let piece = try Memory(Self.pieceBytes, for: label)
    let room = piece.bytes
    try unpack(packed, entry: entry, label: label, isCancelled) { _, count in
      UnsafeMutableRawBufferPointer(rebasing: room[..<count])
    } _: { bytes throws(NpyError) in
      try target.write(bytes)
    }
    let file = try StoredFile(anonymous: target)
    return try NpyArray(in: file, range: 0..<file.size, file: label)
  }

  /// The header alone, from a first piece that is as long as a header may be.
  private func header(
    _ packed: Range<Int>, entry: ZipEntry, label: String
  ) throws(NpyError) -> NpyHeader {
    let head = try Memory(min(entry.size, 12 + NpyHeader.lengthLimit), for: label)
    guard var inflater = try Inflater(packed, of: source),
      let found = try inflater.read(into: head.bytes)
    else { throw damaged(label, 0, entry) }
    return try NpyHeader(
      parsing: UnsafeRawBufferPointer(rebasing: head.bytes[..<found]), file: label)
  }

  /// Unpacks a member piece by piece.
  ///
  /// - Parameters:
  ///   - room: where the next bytes go, from how many bytes have come and how many may.
  ///   - take: called with each piece that is there.
  private func unpack(
    _ packed: Range<Int>, entry: ZipEntry, label: String, _ isCancelled: () -> Bool,
    room: (Int, Int) -> UnsafeMutableRawBufferPointer,
    _ take: (UnsafeRawBufferPointer) throws(NpyError) -> Void
  ) throws(NpyError) {
    guard var inflater = try Inflater(packed, of: source) else { throw damaged(label, 0, entry) }
    var checksum = Checksum()
    var written = 0
    while written < entry.size {
      if isCancelled() { throw .cancelled(file: label) }
      let target = room(written, min(Self.pieceBytes, entry.size - written))
      guard let count = try inflater.read(into: target), count > 0 else {
        throw damaged(label, written, entry)
      }
      let bytes = UnsafeRawBufferPointer(rebasing: target[..<count])
      checksum.add(bytes)
      try take(bytes)
      written += count
    }
    guard try inflater.isAtEnd() else {
      throw .badArchive(
        file: label, found: "a deflate stream that goes on",
        expected: "its end at \(entry.size) bytes")
    }
    try check(checksum.value, entry: entry, label: label)
  }

  private func damaged(_ label: String, _ found: Int, _ entry: ZipEntry) -> NpyError {
    .badArchive(
      file: label, found: "a deflate stream that breaks off or is damaged near byte \(found)",
      expected: "\(entry.size) bytes from it")
  }
}
