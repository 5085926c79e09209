extension NpyWriter {
  /// Writes a whole array from raw bytes.
  ///
  /// - Parameters:
  ///   - bytes: all elements, in the order and type that the header will name.
  ///   - type: what each element is; any but structured types and objects.
  ///   - byteOrder: the order of the bytes in each element.
  ///   - shape: the length of each dimension.
  ///   - fortranOrder: whether the first index runs fastest in the bytes.
  ///   - path: where the file will be; it appears there complete or not at all.
  /// - Throws: `NpyError` when bytes and shape do not fit, or the file cannot be written.
  public static func write(
    bytes: UnsafeRawBufferPointer, type: ElementType, byteOrder: ByteOrder = .native, shape: [Int],
    fortranOrder: Bool = false, to path: String
  ) throws(NpyError) {
    let descr = try descr(of: type, order: byteOrder, path: path)
    guard shape.count <= NpyHeader.dimensionLimit,
      let extent = NpyHeader.extent(of: shape, itemSize: type.itemSize)
    else {
      throw .badShape(
        file: path, found: ShapeText.tuple(shape), expected: "one whose bytes can be addressed")
    }
    guard bytes.count == extent.bytes else {
      throw .badWrite(
        file: path, found: "\(bytes.count) bytes",
        expected: "\(extent.bytes) for \(type.name) \(ShapeText.tuple(shape))")
    }
    let target = try OutputFile(path: path)
    let header = NpyHeader.bytes(descr: descr, shape: shape, fortranOrder: fortranOrder)
    try target.write(header)
    try target.write(bytes)
    try target.commit()
  }

  /// Writes an array of 32-bit floats in C order.
  ///
  /// - Throws: `NpyError` when values and shape do not fit, or the file cannot be written.
  public static func write(_ values: [Float], shape: [Int], to path: String) throws(NpyError) {
    try write(values, type: .float32, shape: shape, path: path)
  }

  /// Writes an array of doubles in C order.
  ///
  /// - Throws: `NpyError` when values and shape do not fit, or the file cannot be written.
  public static func write(_ values: [Double], shape: [Int], to path: String) throws(NpyError) {
    try write(values, type: .float64, shape: shape, path: path)
  }

  /// Writes an array of 64-bit integers in C order.
  ///
  /// - Throws: `NpyError` when values and shape do not fit, or the file cannot be written.
  public static func write(_ values: [Int64], shape: [Int], to path: String) throws(NpyError) {
    try write(values, type: .int64, shape: shape, path: path)
  }

  private static func write<Value>(
    _ values: [Value], type: ElementType, shape: [Int], path: String
  ) throws(NpyError) {
    try values.withUnsafeBufferPointer { (values) throws(NpyError) in
      try write(bytes: UnsafeRawBufferPointer(values), type: type, shape: shape, to: path)
    }
  }
}
