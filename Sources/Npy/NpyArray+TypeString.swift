extension NpyArray {
  /// A view of memory that somebody else owns, whose elements are told by NumPy's type string.
  ///
  /// - Parameters:
  ///   - pointer: the element at index 0, …, 0; may be `nil` when the shape has no elements.
  ///   - typeString: such as `<f4`, `>i8` or `|b1`.
  ///   - shape: the length of each dimension.
  ///   - byteStrides: bytes from one element to the next along each dimension; `nil` means C order.
  ///   - owner: what keeps the memory alive; it is held as long as the array is.
  ///   - name: the name used in errors.
  /// - Throws: `NpyError.unknownType` when the text is no type string, and what a view of a known
  ///   type throws.
  public init(
    borrowing pointer: UnsafeRawPointer?, typeString: String, shape: [Int],
    byteStrides: [Int]? = nil, owner: AnyObject? = nil, name: String = "array"
  ) throws(NpyError) {
    guard let parsed = ParsedType(typeString: typeString) else {
      throw .unknownType(file: name, found: "'\(typeString)'")
    }
    try self.init(
      borrowing: pointer, type: parsed.type, byteOrder: parsed.order, shape: shape,
      byteStrides: byteStrides, owner: owner, name: name)
  }
}
