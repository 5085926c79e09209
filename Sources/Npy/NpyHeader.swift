/// What the first bytes of a .npy file promise about the rest.
public struct NpyHeader: Sendable, Hashable {
  /// The version of the format.
  public struct Version: Sendable, Hashable, CustomStringConvertible {
    /// The first number: 1, 2 or 3.
    public let major: Int
    /// The second number: 0.
    public let minor: Int

    /// `1.0` and so on.
    public var description: String { "\(major).\(minor)" }
  }

  /// The version of the format: 1.0, 2.0 or 3.0.
  public let version: Version
  /// What each element is.
  public let elementType: ElementType
  /// The order of the bytes in each element.
  public let byteOrder: ByteOrder
  /// Whether the first index runs fastest in the file.
  public let fortranOrder: Bool
  /// The length of each dimension; empty for a single number.
  public let shape: [Int]
  /// The element type as it stands in the file, such as `<f4`.
  public let descr: String
  /// Bytes in front of the data.
  public let dataOffset: Int
  /// Elements: the product of the shape, checked for overflow.
  public let count: Int
  /// Bytes of data that the shape and type ask for, checked for overflow.
  public let dataSize: Int

  /// The most dimensions NumPy knows.
  public static let dimensionLimit = 64
  /// The longest header that is accepted in versions 2.0 and 3.0, in bytes. Version 1.0 cannot
  /// hold more than 65535.
  public static let lengthLimit = 1 << 20
  /// The first bytes of every .npy file.
  public static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
}

extension NpyHeader {
  /// Elements of a shape and their bytes, or `nil` when they cannot be addressed.
  ///
  /// Zero lengths count as one for the check, so that strides cannot overflow either.
  static func extent(of shape: [Int], itemSize: Int) -> (count: Int, bytes: Int)? {
    var product = 1
    var empty = false
    for length in shape {
      if length == 0 { empty = true }
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, length))
      guard length >= 0, !overflow else { return nil }
      product = next
    }
    let (bytes, overflow) = product.multipliedReportingOverflow(by: max(1, itemSize))
    // The last bit is kept free so that sums with an offset cannot overflow either.
    guard !overflow, bytes <= Int.max / 2 else { return nil }
    return empty ? (0, 0) : (product, product * itemSize)
  }
}
