/// A .safetensors file: arrays one behind the other, and a header in JSON that says where each is.
///
/// The format (https://github.com/huggingface/safetensors): the length of the header in 8 bytes,
/// little-endian; the header, `{"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}`;
/// the elements in C order, little-endian, whose offsets count from the end of the header.
public struct Safetensors: Sendable {
  /// One array of the file.
  public struct Member: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// The type as it stands in the header, such as `F32`.
    public let type: String
    /// The length of each dimension.
    public let shape: [Int]
    /// The bytes of its elements, counted from the end of the header.
    let range: Range<Int>
    let count: Int
    let elementType: ElementType
  }

  /// The path, for errors.
  public let file: String
  /// The arrays, in the order of their names.
  public let members: [Member]
  /// Names and texts that the writer added.
  public let metadata: [String: String]
  private let source: StoredFile
  private let start: Int

  /// The longest header that is accepted, in bytes.
  static let lengthLimit = 16 << 20

  /// Opens a file and reads its header.
  ///
  /// - Throws: `NpyError` when the file cannot be opened, or its header is damaged or promises what the
  ///   file does not hold.
  public init(path: String) throws(NpyError) {
    try self.init(source: StoredFile(path: path))
  }

  init(source: StoredFile) throws(NpyError) {
    self.source = source
    file = source.file
    let head = try source.load(0..<min(8, source.size))
    guard head.bytes.count == 8 else {
      throw .truncatedHeader(file: file, found: source.size, expected: 8)
    }
    let length = head.bytes.loadUnaligned(as: UInt64.self).littleEndian
    guard length <= Self.lengthLimit else {
      throw .headerTooLong(file: file, found: Int(clamping: length), limit: Self.lengthLimit)
    }
    start = 8 + Int(length)
    guard start <= source.size else {
      throw .truncatedHeader(file: file, found: source.size, expected: start)
    }
    let header = try source.load(8..<start)
    let reader = SafetensorsHeader(file: file, available: source.size - start)
    (members, metadata) = try reader.read([UInt8](header.bytes))
  }

  /// The array of a member, which is read from where it is.
  public func array(of member: Member) -> NpyArray {
    NpyArray(
      member.elementType, shape: member.shape, count: member.count, in: source,
      at: start + member.range.lowerBound, file: "\(file):\(member.name)")
  }

  /// Whether a file begins like one: the length of a header that it has room for, and a brace.
  static func isLikely(_ head: UnsafeRawBufferPointer, size: Int) -> Bool {
    guard head.count > 8, head[8] == UInt8(ascii: "{") else { return false }
    let length = head.loadUnaligned(as: UInt64.self).littleEndian
    return length >= 2 && length <= UInt64(max(0, size - 8))
  }
}
