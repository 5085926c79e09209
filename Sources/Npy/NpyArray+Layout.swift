extension NpyArray {
  /// How the elements lie in memory.
  public enum Layout: String, Sendable, Hashable {
    /// Contiguous, the last index runs fastest. Single numbers and empty arrays count as such.
    case rowMajor = "C"
    /// Contiguous, the first index runs fastest.
    case columnMajor = "F"
    /// Anything else.
    case strided = "strided"
  }

  /// How the elements lie in memory. What is both, such as one dimension, is `rowMajor`.
  public var layout: Layout {
    if isContiguous(fortranOrder: false) { return .rowMajor }
    return isContiguous(fortranOrder: true) ? .columnMajor : .strided
  }

  /// The length of the first dimension; a single number counts as one row.
  public var rows: Int { shape.first ?? 1 }

  /// Elements in one row: the product of all dimensions but the first.
  public var rowLength: Int { shape.dropFirst().reduce(1, *) }

  /// Whether the data starts at a multiple of the size of its words.
  public var isAligned: Bool {
    guard elementType.wordSize > 0 else { return true }
    let place = stored == nil ? Int(bitPattern: base) : storedOffset
    return place % min(16, elementType.wordSize) == 0
  }

  /// Whether the bytes of each element have to be reversed on this machine.
  var isSwapped: Bool {
    byteOrder != .notApplicable && byteOrder != .native && elementType.wordSize > 1
  }

  /// The strides of a contiguous array. The shape has been checked for overflow.
  static func strides(of shape: [Int], itemSize: Int, fortranOrder: Bool) -> [Int] {
    var strides = [Int](repeating: itemSize, count: shape.count)
    var stride = itemSize
    for axis in fortranOrder ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = stride
      stride *= max(1, shape[axis])
    }
    return strides
  }

  private func isContiguous(fortranOrder: Bool) -> Bool {
    if count == 0 { return !fortranOrder }
    let expected = Self.strides(
      of: shape, itemSize: elementType.itemSize, fortranOrder: fortranOrder)
    return shape.indices.allSatisfy { shape[$0] == 1 || byteStrides[$0] == expected[$0] }
  }

  /// Checks that the lowest and highest address of a view can be computed.
  static func check(
    _ strides: [Int], of shape: [Int], at pointer: UnsafeRawPointer?, itemSize: Int, name: String
  ) throws(NpyError) {
    var low = Int(bitPattern: pointer)
    var high = low
    for (length, stride) in zip(shape, strides) {
      let (span, overflow) = stride.multipliedReportingOverflow(by: length - 1)
      let lowOverflow: Bool
      let highOverflow: Bool
      (low, lowOverflow) = low.addingReportingOverflow(min(0, span))
      (high, highOverflow) = high.addingReportingOverflow(max(0, span))
      if overflow || lowOverflow || highOverflow || low < 0 {
        throw .badView(
          file: name, found: "strides \(ShapeText.tuple(strides)) for \(ShapeText.tuple(shape))",
          expected: "strides that stay in the address space")
      }
    }
    guard !high.addingReportingOverflow(itemSize).overflow else {
      throw .badView(
        file: name, found: "memory up to the last address", expected: "room for its last element")
    }
  }
}
