/// What one element of an array is.
///
/// The numeric kinds can be read as numbers. The others are described only: their name and size are
/// known, so that an inspector can list them, and reading them as numbers throws.
public enum ElementType: Sendable, Hashable {
  /// One byte, zero or not.
  case bool
  /// Signed integers of 1, 2, 4 and 8 bytes.
  case int8, int16, int32, int64
  /// Unsigned integers of 1, 2, 4 and 8 bytes.
  case uint8, uint16, uint32, uint64
  /// IEEE 754 binary floating point of 2, 4 and 8 bytes.
  case float16, float32, float64
  /// The upper half of a float32. NumPy has no such type: `ml_dtypes` writes it as `V2`, so every
  /// array of the type `V2` is taken for it.
  case bfloat16
  /// A pair of floating point numbers, real part first: 8 and 16 bytes.
  case complex64, complex128
  /// The C type `long double` of the machine that wrote the file, described only.
  case longDouble(size: Int)
  /// Two of the above, described only.
  case complexLongDouble(size: Int)
  /// `S`: byte strings of a fixed length, described only.
  case bytes(size: Int)
  /// `U`: strings of a fixed number of 4-byte code points, described only.
  case unicode(length: Int)
  /// `V`: raw bytes, described only.
  case void(size: Int)
  /// `O`: pickled Python objects, never unpickled, described only.
  case object
  /// `M`: 8-byte points in time in a unit such as `ns`, described only. Empty: no unit.
  case datetime(unit: String)
  /// `m`: 8-byte time spans in a unit, described only. Empty: no unit.
  case timedelta(unit: String)
  /// Records with named fields, described only.
  case structured(fields: [RecordField])

  /// The types that can be read as numbers, one by one.
  public static let numeric: [ElementType] = [
    .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64,
    .float16, .bfloat16, .float32, .float64, .complex64, .complex128,
  ]

  /// Bytes of one element. For `object` the size of a pointer, although the file holds a pickle.
  public var itemSize: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64, .complex64, .object, .datetime, .timedelta: 8
    case .complex128: 16
    case .longDouble(let size), .complexLongDouble(let size), .bytes(let size), .void(let size):
      size
    case .unicode(let length): 4 * length
    case .structured(let fields): fields.reduce(0) { $0 + $1.size }
    }
  }

  /// Whether each element is one real number that can be read as a float.
  public var isReal: Bool {
    switch self {
    case .bool, .float16, .bfloat16, .float32, .float64: true
    default: isInteger
    }
  }

  /// Whether this is one of the eight integer types. `bool` is not.
  public var isInteger: Bool {
    switch self {
    case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64: true
    default: false
    }
  }

  /// Whether each element is a pair of numbers that can be read.
  public var isComplex: Bool { self == .complex64 || self == .complex128 }

  /// Bytes that are reversed together when the order is not the machine's: half a complex number.
  var wordSize: Int { isComplex ? itemSize / 2 : itemSize }
}

/// One field of a structured element.
public struct RecordField: Sendable, Hashable {
  /// The name; empty for padding.
  public let name: String
  /// What the field holds.
  public let type: ElementType
  /// The shape of the field inside one record; empty for a single value.
  public let shape: [Int]
  /// Bytes of the field in one record, checked for overflow when it was parsed.
  public let size: Int
}
