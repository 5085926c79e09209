/// The lengths of an array's axes, outermost first; no axes at all is a scalar.
public struct Shape: Sendable, Hashable {
  /// The lengths, each ≥ 0.
  public let dims: [Int]
  /// The number of elements, the product of the lengths.
  public let count: Int

  /// A shape of lengths that may come from a file.
  ///
  /// - Throws: `TensorError.shape` when a length is negative or the number of bytes as float32
  ///   does not fit an `Int`. Axes of length 0 do not hide the others: any part of the axes may be
  ///   multiplied afterwards.
  public init(_ dims: [Int]) throws(TensorError) {
    var size = 1
    for dim in dims {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(dim, 1))
      guard dim >= 0, !overflow else { throw .shape(dims) }
      size = product
    }
    guard size <= Int.max / 8 else { throw .shape(dims) }
    self.dims = dims
    count = dims.contains(0) ? 0 : size
  }

  /// The shape of a scalar.
  public static let scalar = Shape(trusted: [], count: 1)

  private init(trusted dims: [Int], count: Int) {
    self.dims = dims
    self.count = count
  }

  /// How many axes.
  public var rank: Int { dims.count }

  /// The length of an axis.
  public subscript(_ axis: Int) -> Int { dims[axis] }

  /// The elements of one step along axis 0: a sample's share; 1 for a scalar.
  public var rowCount: Int { dims.dropFirst().reduce(1, *) }

  /// The lengths before `axis` multiplied, and those after it.
  public func around(_ axis: Int) -> (outer: Int, inner: Int) {
    (dims[..<axis].reduce(1, *), dims[(axis + 1)...].reduce(1, *))
  }

  /// An axis counted from the end when negative, as in NumPy; nil outside the shape.
  public func axis(_ index: Int) -> Int? {
    let axis = index < 0 ? index + rank : index
    return axis >= 0 && axis < rank ? axis : nil
  }
}

extension Shape: CustomStringConvertible {
  /// As NumPy writes it: `(3, 4)`, `(5,)`, `()`.
  public var description: String {
    dims.count == 1 ? "(\(dims[0]),)" : "(\(dims.map(String.init).joined(separator: ", ")))"
  }
}
