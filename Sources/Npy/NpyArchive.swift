/// A .npz file: arrays in a zip archive, as `np.savez` and `np.savez_compressed` write it.
///
/// Stored members are read in place. Compressed ones are unpacked to memory or, when they are large,
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
  let mapping: Mapping

  /// Maps an archive and lists its members.
  ///
  /// - Throws: `NpyError` when the file cannot be opened or is no zip archive.
  public init(path: String) throws(NpyError) {
    let mapping = try Mapping(file: path)
    let bytes = UnsafeRawBufferPointer(mapping.bytes)
    guard bytes.count >= 4, bytes[0] == 0x50, bytes[1] == 0x4B else {
      throw .wrongMagic(
        file: path, firstBytes: [UInt8](bytes.prefix(8)), format: "a zip archive ('PK')")
    }
    file = path
    fileSize = bytes.count
    self.mapping = mapping
    members = try ZipDirectory(bytes: bytes, file: path).entries().map { entry in
      Member(
        name: entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name,
        isCompressed: entry.method != 0, packedSize: entry.packedSize, size: entry.size,
        entry: entry)
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
  /// - Throws: `NpyError` when the member is encrypted, damaged, packed by a method other than
  ///   deflate, or no .npy file.
  public func array(of member: Member) throws(NpyError) -> NpyArray {
    let entry = member.entry
    let label = "\(file):\(member.name)"
    guard entry.flags & 1 == 0 else {
      throw .badArchive(file: label, found: "an encrypted member", expected: "a plain one")
    }
    let range = try ZipDirectory(bytes: UnsafeRawBufferPointer(mapping.bytes), file: file)
      .dataRange(of: entry)
    switch entry.method {
    case 0:
      guard entry.size == entry.packedSize else {
        throw .badArchive(
          file: label, found: "\(entry.packedSize) stored bytes", expected: "\(entry.size)")
      }
      // The header first: a file that is none should say so, rather than have a bad checksum.
      let array = try NpyArray(mapping: mapping, range: range, file: label)
      try check(checksum(of: range), entry: entry, label: label)
      return array
    case 8:
      return try inflate(entry, range: range, label: label)
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

  private func checksum(of range: Range<Int>) -> UInt32 {
    let step = 1 << 24
    var checksum = Checksum()
    for start in stride(from: range.lowerBound, to: range.upperBound, by: step) {
      let part = start..<min(start + step, range.upperBound)
      checksum.add(UnsafeRawBufferPointer(rebasing: mapping.bytes[part]))
      mapping.release(part)
    }
    return checksum.value
  }
}
