/// Zip archives made by hand, so that any part may be wrong.
public struct NpyZip {
  /// One member and the lies about it.
  public struct Member {
    /// The name in the archive.
    public var name: String
    /// The bytes as they stand in the archive.
    public var packed: [UInt8]
    /// The number of bytes they claim to become.
    public var size: Int
    /// The checksum they claim to have.
    public var crc: UInt32
    /// The compression method: 0 or 8, or one that no reader knows.
    public var method = 0
    /// Bit 0: encrypted.
    public var flags = 0

    /// A stored member.
    public init(stored bytes: [UInt8], name: String) {
      self.name = name
      packed = bytes
      size = bytes.count
      crc = NpyZip.checksum(bytes)
    }

    /// A deflated member: the bytes, then a run of zeros that takes 13 bits for 258 of them.
    public init(deflated bytes: [UInt8], zeros: Int = 0, name: String) {
      let whole = bytes + [UInt8](repeating: 0, count: zeros)
      self.name = name
      packed = NpyZip.deflate(bytes, zeros: zeros)
      size = whole.count
      crc = NpyZip.checksum(whole)
      method = 8
    }
  }

  /// The bytes of an archive.
  ///
  /// - Parameters:
  ///   - members: its members.
  ///   - zip64: whether sizes and offsets stand in the fields for large files.
  ///   - placedAt: where the directory says that a member is, by its index; nil for the truth.
  ///   - changingHeader: spoils the header in front of a member's data.
  public static func archive(
    _ members: [Member], zip64: Bool = false, placedAt: (Int) -> Int? = { _ in nil },
    changingHeader: (inout [UInt8]) -> Void = { _ in }
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    let full = 0xFFFF_FFFF
    for (index, member) in members.enumerated() {
      let offset = placedAt(index) ?? bytes.count
      let common =
        little(member.method, 2) + [0, 0, 0, 0] + little(Int(member.crc), 4)
        + little(zip64 ? full : member.packed.count, 4) + little(zip64 ? full : member.size, 4)
        + little(member.name.utf8.count, 2)
      var header = little(0x0403_4b50, 4) + little(45, 2) + little(member.flags, 2) + common
      header += [0, 0] + Array(member.name.utf8)
      changingHeader(&header)
      bytes += header + member.packed
      let extra =
        zip64
        ? little(1, 2) + little(24, 2) + little(member.size, 8) + little(member.packed.count, 8)
          + little(offset, 8) : []
      directory += little(0x0201_4b50, 4) + [45, 0, 45, 0] + little(member.flags, 2) + common
      directory += little(extra.count, 2) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
      directory += little(zip64 ? full : offset, 4) + Array(member.name.utf8) + extra
    }
    let start = bytes.count
    bytes += directory
    if zip64 {
      let record = bytes.count
      bytes += little(0x0606_4b50, 4) + little(44, 8) + [45, 0, 45, 0] + little(0, 8)
      bytes += little(members.count, 8) + little(members.count, 8)
      bytes += little(directory.count, 8) + little(start, 8)
      bytes += little(0x0706_4b50, 4) + little(0, 4) + little(record, 8) + little(1, 4)
    }
    bytes += little(0x0605_4b50, 4) + [0, 0, 0, 0]
    bytes += little(members.count, 2) + little(members.count, 2)
    bytes += little(zip64 ? full : directory.count, 4) + little(zip64 ? full : start, 4) + [0, 0]
    return bytes
  }

  /// The CRC-32 of bytes, bit by bit.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var state = ~UInt32(0)
    for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state >> 8) }
    return ~state
  }

  private static let table: [UInt32] = (UInt32(0)..<256).map { index in
    var word = index
    for _ in 0..<8 { word = word & 1 == 1 ? 0xEDB8_8320 ^ (word >> 1) : word >> 1 }
    return word
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// One block of deflate with the fixed codes of the format.
  private static func deflate(_ bytes: [UInt8], zeros: Int) -> [UInt8] {
    var bits = BitWriter()
    bits.put(1, 1)
    bits.put(1, 2)
    for byte in bytes { bits.putLiteral(byte) }
    var rest = zeros
    if rest > 0 {
      bits.putLiteral(0)
      rest -= 1
      while rest >= 258 {
        bits.putCode(0b1100_0101, 8)
        bits.putCode(0, 5)
        rest -= 258
      }
      for _ in 0..<rest { bits.putLiteral(0) }
    }
    bits.putCode(0, 7)
    return bits.bytes
  }
}

private struct BitWriter {
  var bytes: [UInt8] = []
  private var used = 8

  mutating func put(_ value: Int, _ count: Int) {
    for bit in 0..<count {
      if used == 8 {
        bytes.append(0)
        used = 0
      }
      bytes[bytes.count - 1] |= UInt8((value >> bit) & 1) << UInt8(used)
      used += 1
    }
  }

  /// Codes are written from their first bit on, numbers from their last.
  mutating func putCode(_ code: Int, _ count: Int) {
    for bit in (0..<count).reversed() { put((code >> bit) & 1, 1) }
  }

  mutating func putLiteral(_ byte: UInt8) {
    byte < 144 ? putCode(0x30 + Int(byte), 8) : putCode(0x190 + Int(byte) - 144, 9)
  }
}
