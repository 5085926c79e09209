/// Everything that can be wrong with a .npy or .npz file, or with how it is asked for.
///
/// `file` is the path as it was given; for a member of an archive `path:member`.
public enum NpyError: Error, Hashable, Sendable {
  /// The file could not be opened; the reason is the system's.
  case cannotOpen(file: String, reason: String)
  /// There is something at the path, but no regular file.
  case notAFile(file: String, found: String)
  /// The system refused an operation on an open file.
  case system(file: String, operation: String, reason: String)
  /// The file was shortened, written to or replaced after it had been opened; its size then and now,
  /// in bytes.
  case changed(file: String, had: Int, has: Int)
  /// The file has more bytes than this library reads of its kind.
  case tooLarge(file: String, found: Int, limit: Int)
  /// The file does not begin with the magic of its format.
  case wrongMagic(file: String, firstBytes: [UInt8], format: String)
  /// The format version is none of 1.0, 2.0 and 3.0.
  case unsupportedVersion(file: String, major: Int, minor: Int)
  /// The file ends inside its header.
  case truncatedHeader(file: String, found: Int, expected: Int)
  /// The header is longer than this library accepts.
  case headerTooLong(file: String, found: Int, limit: Int)
  /// The header is no Python literal of the expected form, at this byte of it.
  case malformedHeader(file: String, offset: Int, found: String, expected: String)
  /// The header lacks one of its three keys.
  case missingKey(file: String, key: String)
  /// The header has a key that the format does not know.
  case unknownKey(file: String, key: String)
  /// The header has a key twice.
  case duplicateKey(file: String, key: String)
  /// The value of a header key is of the wrong kind.
  case wrongValue(file: String, key: String, found: String, expected: String)
  /// The shape is impossible: negative, too many dimensions, or too large to address.
  case badShape(file: String, found: String, expected: String)
  /// The element type is none that this library knows.
  case unknownType(file: String, found: String)
  /// The file ends before its data does.
  case truncatedData(file: String, found: Int, expected: Int)
  /// The element type cannot be read as the numbers that were asked for.
  case notConvertible(file: String, found: String, expected: String)
  /// An element is no integer, or none that fits in 64 signed bits.
  case notAnInteger(file: String, index: Int, found: String)
  /// Rows outside the array were asked for.
  case rowsOutOfRange(file: String, found: Range<Int>, available: Int)
  /// A subscript has more indices than the array has axes, or one that is out of range.
  case badIndex(file: String, found: String, expected: String)
  /// The buffer for the result has the wrong length.
  case wrongBuffer(file: String, found: Int, expected: Int)
  /// A view of memory that cannot be: strides and shape disagree or overflow.
  case badView(file: String, found: String, expected: String)
  /// The archive is damaged, or uses what this library does not read.
  case badArchive(file: String, found: String, expected: String)
  /// The archive has no such member.
  case noSuchMember(file: String, member: String, available: [String])
  /// Rows that are spread over several files or processes: one of them is unlike the others, or not
  /// there.
  case badShard(file: String, found: String, expected: String)
  /// Whoever asked for it wants it no more.
  case cancelled(file: String)
  /// What a writer was given does not fit what it was created for.
  case badWrite(file: String, found: String, expected: String)
}
