extension ElementType: CustomStringConvertible {
  /// The name NumPy prints, such as `float32`, `<U3` without its order, or `{a: float32, b: int8}`.
  public var name: String {
    switch self {
    case .bool: "bool"
    case .int8: "int8"
    case .int16: "int16"
    case .int32: "int32"
    case .int64: "int64"
    case .uint8: "uint8"
    case .uint16: "uint16"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float32: "float32"
    case .float64: "float64"
    case .complex64: "complex64"
    case .complex128: "complex128"
    case .longDouble(let size): "float\(8 * size)"
    case .complexLongDouble(let size): "complex\(8 * size)"
    case .bytes(let size): "S\(size)"
    case .unicode(let length): "U\(length)"
    case .void(let size): "V\(size)"
    case .object: "object"
    case .datetime(let unit): unit.isEmpty ? "datetime64" : "datetime64[\(unit)]"
    case .timedelta(let unit): unit.isEmpty ? "timedelta64" : "timedelta64[\(unit)]"
    case .structured(let fields):
      "{" + fields.filter { !$0.name.isEmpty }.map(\.label).joined(separator: ", ") + "}"
    }
  }

  /// The same as `name`.
  public var description: String { name }

  /// The type string of a header, such as `<f4`, or `nil` for structured types, whose description
  /// is a list.
  ///
  /// - Parameter order: the order of the bytes; types without one ignore it.
  public func descr(order: ByteOrder) -> String? {
    let mark = order == .notApplicable ? ByteOrder.native.rawValue : order.rawValue
    return switch self {
    case .bool: "|b1"
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int16, .int32, .int64: "\(mark)i\(itemSize)"
    case .uint16, .uint32, .uint64: "\(mark)u\(itemSize)"
    case .float16, .float32, .float64, .longDouble: "\(mark)f\(itemSize)"
    case .complex64, .complex128, .complexLongDouble: "\(mark)c\(itemSize)"
    case .bfloat16: "\(mark)V2"
    case .bytes(let size): "|S\(size)"
    case .unicode(let length): "\(mark)U\(length)"
    case .void(let size): "|V\(size)"
    case .object: "|O"
    case .datetime(let unit): unit.isEmpty ? "\(mark)M8" : "\(mark)M8[\(unit)]"
    case .timedelta(let unit): unit.isEmpty ? "\(mark)m8" : "\(mark)m8[\(unit)]"
    case .structured: nil
    }
  }
}

extension RecordField {
  fileprivate var label: String {
    let dimensions = shape.isEmpty ? "" : " " + ShapeText.tuple(shape)
    return "\(name): \(type.name)\(dimensions)"
  }
}

/// How shapes are written in messages and headers.
enum ShapeText {
  /// `()`, `(3,)`, `(2, 3)`: the Python tuple.
  static func tuple(_ shape: [Int]) -> String {
    if shape.count == 1 { return "(\(shape[0]),)" }
    return "(" + shape.map(String.init).joined(separator: ", ") + ")"
  }
}
