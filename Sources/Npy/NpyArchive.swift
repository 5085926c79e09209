/// A .npz file: arrays in a zip archive, as `np.savez` and `np.savez_compressed` write it.
///
/// Stored members are read where they are. Compressed ones are unpacked to memory or, when they are large,
/// to a file without a name in `TMPDIR`, never further than their own header promises.
public struct NpyArchive: Sendable {
  /// One member of the archive.
  public struct Member: Sendable, Hashable {
    /// The name of the array: the name in the archive without `.npy`.
    public let name: String
    /// Whether the member has to be unpacked.
    public let isCompressed: Bool
    /// Bytes in the archive.
    public let packedSize: Int
    /// Bytes of the .npy file inside.
    public let size: Int
    let entry: ZipEntry
  }

  /// The path, for errors.
  public let file: String
  /// The members in the order of the archive.
  public let members: [Member]
  /// Bytes of the archive.
  public let fileSize: Int
  let source: StoredFile

  /// What all compressed members may unpack to together: so much, or so many times the size of the
  /// file.
  private static let unpackedLimit = 4 << 30
  private static let unpackedRatio = 256

  /// Opens an archive and lists its members.
  ///
  /// - Throws: `NpyError` when the file cannot be opened, is no zip archive, or has members that
  ///   overlap or unpack to more than is sensible.
  public init(path: String) throws(NpyError) {
    try self.init(source: StoredFile(path: path))
  }

  /// The archive in an open file.
  init(source: StoredFile) throws(NpyError) {
    let magic = try source.load(0..<min(8, source.size))
    guard magic.bytes.count >= 4, magic.bytes[0] == 0x50, magic.bytes[1] == 0x4B else {
      throw .wrongMagic(
        file: source.file, firstBytes: [UInt8](magic.bytes), format: "a zip archive ('PK')")
    }
    file = source.file
    fileSize = source.size
    self.source = source
    let directory = try ZipDirectory(of: source)
    let entries = try directory.entries()
    try ZipMembers(source: source).checkOverlaps(entries, directory: directory.offset)
    try Self.checkSizes(entries, of: source)
    members = entries.map { entry in
      Member(
        name: entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name,
        isCompressed: entry.method != 0, packedSize: entry.packedSize, size: entry.size,
        entry: entry)
    }
  }

  /// Members never unpack to more than the directory says; so its numbers bound the work.
  private static func checkSizes(
    _ entries: [ZipEntry], of source: StoredFile
  ) throws(NpyError) {
    let (product, overflow) = source.size.multipliedReportingOverflow(by: unpackedRatio)
    let limit = overflow ? Int.max : max(unpackedLimit, product)
    var rest = limit
    for entry in entries where entry.method != 0 {
      // What claims more than its packed bytes can become is an error of that member alone.
      guard isPossible(entry) else { continue }
      guard entry.size <= rest else {
        throw .badArchive(
          file: "\(source.file):\(entry.name)",
          found: "members that unpack to more than \(limit) bytes up to this one",
          expected: "no more from \(source.size) bytes")
      }
      rest -= entry.size
    }
  }

  /// The array of the member with a name, with or without `.npy`.
  ///
  /// - Throws: `NpyError.noSuchMember`, and what `array(of:)` throws.
  public func array(named name: String) throws(NpyError) -> NpyArray {
    guard let member = members.first(where: { $0.name == name || $0.entry.name == name }) else {
      throw .noSuchMember(file: file, member: name, available: members.map(\.name))
    }
    return try array(of: member)
  }

  /// The array of a member. Its bytes are read once, to check them against their checksum.
  ///
  /// - Parameters:
  ///   - member: one of `members`.
  ///   - isCancelled: asked now and then; once true, the call ends by `NpyError.cancelled`.
  /// - Throws: `NpyError` when the member is encrypted, damaged, packed by a method other than
  ///   deflate, or no .npy file.
  public func array(
    of member: Member, isCancelled: () -> Bool = { false }
  ) throws(NpyError) -> NpyArray {
    let entry = member.entry
    let label = "\(file):\(member.name)"
    guard entry.flags & 1 == 0 else {
      throw .badArchive(file: label, found: "an encrypted member", expected: "a plain one")
    }
    let range = try ZipMembers(source: source).dataRange(of: entry)
    switch entry.method {
    case 0:
      guard entry.size == entry.packedSize else {
        throw .badArchive(
          file: label, found: "\(entry.packedSize) stored bytes", expected: "\(entry.size)")
      }
      if range.count <= NpyArray.smallBytes {
        let memory = try source.load(range)
        let array = try NpyArray(memory: memory, file: label)
        var checksum = Checksum()
        checksum.add(UnsafeRawBufferPointer(memory.bytes))
        try check(checksum.value, entry: entry, label: label)
        return array
      }
      // The header first: a file that is none should say so, rather than have a bad checksum.
      let array = try NpyArray(in: source, range: range, file: label)
      try check(checksum(of: range, isCancelled), entry: entry, label: label)
      return array
    case 8:
      return try inflate(entry, range: range, label: label, isCancelled)
    default:
      throw .badArchive(
        file: label, found: "the compression method \(entry.method)",
        expected: "0 (stored) or 8 (deflate)")
    }
  }

  func check(_ checksum: UInt32, entry: ZipEntry, label: String) throws(NpyError) {
    guard checksum == entry.crc else {
      throw .badArchive(
        file: label, found: "the checksum \(String(checksum, radix: 16))",
        expected: "\(String(entry.crc, radix: 16)), as the directory says: the data is damaged")
    }
  }

  private func checksum(
    of range: Range<Int>, _ isCancelled: () -> Bool
  ) throws(NpyError) -> UInt32 {
    let step = 1 << 18
    let piece = try Memory(min(step, range.count), for: file)
    var checksum = Checksum()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      if isCancelled() { throw .cancelled(file: file) }
      let part = UnsafeMutableRawBufferPointer(
        rebasing: piece.bytes[..<min(step, range.upperBound - start)])
      try source.read(at: start, into: part)
      checksum.add(UnsafeRawBufferPointer(part))
    }
    return checksum.value
  }
}
