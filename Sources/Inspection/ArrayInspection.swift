/// What is known about one array: what its header says, and the figures of its elements.
///
/// The names of the JSON keys are fixed for a version of the format; new ones may be added. Numbers
/// that JSON cannot hold are the strings `nan`, `inf` and `-inf`.
public struct ArrayInspection: Codable, Sendable, Equatable {
  /// `npyinspect`.
  public var format = Self.formatName
  /// 1.
  public var version = Self.formatVersion
  /// The path of the file.
  public var path: String
  /// The name of the array in an archive; absent for a .npy file.
  public var member: String?
  /// The part that is shown, such as `0:5, :, -1`; absent for a whole array.
  public var slice: String?
  /// The shape of the whole array; absent where that is what is shown.
  public var wholeShape: [Int]?
  /// Whether the elements are `real`, `complex` or only `described`.
  public var kind: Kind
  /// The name of the element type, such as `float32`.
  public var type: String
  /// The type as it stands in the header, such as `<f4`.
  public var descr: String
  /// `little`, `big` or `none`.
  public var byteOrder: String
  /// `C` or `F`: which index runs fastest.
  public var order: String
  /// The length of each dimension; empty for a single number.
  public var shape: [Int]
  /// Elements.
  public var count: Int
  /// Bytes of one element.
  public var itemSize: Int
  /// Bytes of all elements.
  public var dataBytes: Int
  /// Bytes of the file, or of the packed member of an archive.
  public var fileBytes: Int
  /// Whether the member of an archive is compressed; absent for a .npy file.
  public var compressed: Bool?
  /// The version of the .npy format, such as `1.0`; empty for an array that has no .npy header.
  public var headerVersion: String
  /// Bytes in front of the data.
  public var dataOffset: Int
  /// Whether the data begins at a multiple of the size of its elements.
  public var aligned: Bool
  /// Bytes behind the data.
  public var trailingBytes: Int
  /// The figures of the elements, of the magnitudes for complex ones; absent for what is only
  /// described and for arrays without elements.
  public var figures: ElementFigures?
  /// Finite values in bins of equal width; absent where `figures` are or nothing is finite.
  public var histogram: Histogram?
  /// The first columns of a matrix; absent for other shapes.
  public var columns: Columns?
  /// What a reader should know, in words.
  public var warnings: [String]

  /// How much can be said about the elements.
  public enum Kind: String, Codable, Sendable {
    /// Numbers.
    case real
    /// Pairs of numbers; figures are those of the magnitudes.
    case complex
    /// Neither: strings, records, objects, dates, or floats that this machine has no type for.
    case described
  }

  /// The value of the key `format`.
  public static let formatName = "npyinspect"
  /// The value of the key `version`.
  public static let formatVersion = 1

  enum CodingKeys: String, CodingKey {
    case format, version, path, member, slice
    case wholeShape = "whole_shape"
    case kind, type, descr
    case byteOrder = "byte_order"
    case order, shape, count
    case itemSize = "item_size"
    case dataBytes = "data_bytes"
    case fileBytes = "file_bytes"
    case compressed
    case headerVersion = "header_version"
    case dataOffset = "data_offset"
    case aligned
    case trailingBytes = "trailing_bytes"
    case figures, histogram, columns, warnings
  }

  /// `path`, `path:member` or `path[slice]`.
  public var name: String {
    (member.map { "\(path):\($0)" } ?? path) + (slice.map { "[\($0)]" } ?? "")
  }
}
