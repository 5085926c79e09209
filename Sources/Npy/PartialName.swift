/// What names beside a place begin with: the name itself, or a shorter one where a file system has no room for
/// what comes after it. Those of `defib.export` are the same.
enum PartialName {
  /// Bytes that a name may have, with room for all that comes after it and before it.
  private static let limit = 215
  /// Bytes that a file system takes.
  private static let longest = 255

  /// The beginning of partial names of a file or folder. A name that no file system takes is not made shorter:
  /// what is written beside it is refused as it would be itself, and before the work.
  static func stem(of name: String) -> String {
    let bytes = Array(name.utf8)
    guard bytes.count > limit, bytes.count <= longest else { return name }
    var end = limit - 17
    // Not inside of a character.
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    let digits = String(hash(of: bytes), radix: 16)
    let zeros = String(repeating: "0", count: 16 - digits.count)
    return String(decoding: bytes[..<end], as: UTF8.self) + "~" + zeros + digits
  }

  /// The hash FNV-1a of 64 bits.
  private static func hash(of bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
