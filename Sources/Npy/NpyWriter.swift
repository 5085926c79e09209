/// Writes a .npy file row by row, in C order.
///
/// The number of rows need not be known. Nothing is at the path before `finish` has returned; a
/// writer that is dropped earlier leaves no trace.
public final class NpyWriter {
  /// The type of the elements.
  public let elementType: ElementType
  /// The shape of one row: all dimensions but the first.
  public let rowShape: [Int]
  /// The rows written so far.
  public private(set) var rows = 0
  private let target: OutputFile
  private let descr: String
  private let rowSize: Int
  private var isFinished = false

  /// Starts a file.
  ///
  /// - Parameters:
  ///   - path: where the file will be.
  ///   - elementType: the type of the elements; any but structured types and objects.
  ///   - byteOrder: the order of the bytes that will be appended.
  ///   - rowShape: all dimensions but the first.
  /// - Throws: `NpyError` when the type or shape cannot be written or the folder refuses the file.
  public init(
    path: String, elementType: ElementType, byteOrder: ByteOrder = .native, rowShape: [Int] = []
  ) throws(NpyError) {
    let descr = try Self.descr(of: elementType, order: byteOrder, path: path)
    guard rowShape.count < NpyHeader.dimensionLimit,
      let extent = NpyHeader.extent(of: rowShape, itemSize: elementType.itemSize)
    else {
      throw .badShape(
        file: path, found: ShapeText.tuple(rowShape), expected: "rows whose bytes can be addressed")
    }
    target = try OutputFile(path: path)
    self.elementType = elementType
    self.rowShape = rowShape
    self.descr = descr
    rowSize = extent.bytes
    // Room for as many digits as a number of rows can have.
    let header = NpyHeader.bytes(
      descr: descr, shape: [0] + rowShape, fortranOrder: false, reserve: Self.digits)
    try target.write(header)
  }

  /// Appends whole rows, given as raw bytes in the type and order of the file.
  ///
  /// - Throws: `NpyError.badWrite` when the bytes are no whole number of rows, `NpyError.system`
  ///   when the disk is full.
  public func append(bytes: UnsafeRawBufferPointer) throws(NpyError) {
    guard !isFinished else {
      throw .badWrite(file: target.path, found: "rows after the end", expected: "no more rows")
    }
    guard rowSize > 0 ? bytes.count % rowSize == 0 : bytes.isEmpty else {
      throw .badWrite(
        file: target.path, found: "\(bytes.count) bytes", expected: "whole rows of \(rowSize) bytes"
      )
    }
    try target.write(bytes)
    if rowSize > 0 { rows += bytes.count / rowSize }
  }

  /// Completes the header and puts the file in its place.
  ///
  /// - Throws: `NpyError.system` when the file cannot take its place.
  public func finish() throws(NpyError) {
    guard !isFinished else { return }
    let used = "\(rows)".utf8.count - 1
    let header = NpyHeader.bytes(
      descr: descr, shape: [rows] + rowShape, fortranOrder: false, reserve: Self.digits - used)
    try target.write(header, at: 0)
    try target.commit()
    isFinished = true
  }

  private static let digits = 20

  static func descr(
    of type: ElementType, order: ByteOrder, path: String
  ) throws(NpyError) -> String {
    guard type != .object, let descr = type.descr(order: order) else {
      throw .badWrite(
        file: path, found: "elements of type \(type.name)", expected: "a type of plain bytes")
    }
    return descr
  }
}
