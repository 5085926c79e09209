/// How two shapes meet in an element-wise operation, by NumPy's rule.
public struct Broadcast: Sendable, Equatable {
  /// The common shape.
  public let shape: Shape
  /// Steps in elements along each axis of the common shape; 0 where an operand repeats.
  public let left: [Int]
  /// The same for the other operand.
  public let right: [Int]

  /// The common shape of two; nil when an axis differs and neither length is 1.
  public init?(_ a: Shape, _ b: Shape) {
    let rank = max(a.rank, b.rank)
    let first = Self.pad(a.dims, to: rank)
    let second = Self.pad(b.dims, to: rank)
    var dims: [Int] = []
    for (m, n) in Swift.zip(first, second) {
      guard m == n || m == 1 || n == 1 else { return nil }
      dims.append(m == 1 ? n : m)
    }
    guard let shape = try? Shape(dims) else { return nil }
    self.shape = shape
    left = Self.steps(first)
    right = Self.steps(second)
  }

  private init(_ shape: Shape, left: [Int], right: [Int]) {
    self.shape = shape
    self.left = left
    self.right = right
  }

  /// The same pairs of elements in the same order over as few axes as possible: neighbours along
  /// which both operands advance evenly become one, so that rows grow long. Operands of one shape
  /// meet in a single row.
  public var collapsed: Broadcast {
    var dims: [Int] = []
    var steps: [(left: Int, right: Int)] = []
    for axis in shape.dims.indices.reversed() where shape[axis] != 1 {
      let step = (left: left[axis], right: right[axis])
      if let length = dims.last, let inner = steps.last, step.left == inner.left * length,
        step.right == inner.right * length
      {
        dims[dims.count - 1] = length * shape[axis]
      } else {
        dims.append(shape[axis])
        steps.append(step)
      }
    }
    guard let merged = try? Shape(dims.reversed()) else { return self }
    let outermost = steps.reversed()
    return Broadcast(merged, left: outermost.map(\.left), right: outermost.map(\.right))
  }

  private static func pad(_ dims: [Int], to rank: Int) -> [Int] {
    Array(repeating: 1, count: rank - dims.count) + dims
  }

  /// The steps of an operand of `dims` inside a common shape of the same rank.
  private static func steps(_ dims: [Int]) -> [Int] {
    var step = 1
    var steps = [Int](repeating: 0, count: dims.count)
    for axis in dims.indices.reversed() {
      steps[axis] = dims[axis] == 1 ? 0 : step
      step *= dims[axis]
    }
    return steps
  }

  /// Calls `body` for every innermost row of the common shape with the offsets of its first element
  /// in the result and in both operands; rows have `shape`'s last length (1 for a scalar).
  @inlinable @inline(__always)
  public func forEachRow(_ body: (_ result: Int, _ left: Int, _ right: Int) -> Void) {
    guard shape.count > 0 else { return }
    let outer = max(0, shape.rank - 1)
    let width = shape.dims.last ?? 1
    var index = [Int](repeating: 0, count: outer)
    var a = 0
    var b = 0
    var result = 0
    while true {
      body(result, a, b)
      result += width
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        a += left[axis]
        b += right[axis]
        if index[axis] < shape[axis] { break }
        a -= left[axis] * shape[axis]
        b -= right[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// The steps along the innermost axis: 0 or 1 for each operand.
  public var innerSteps: (left: Int, right: Int) { (left.last ?? 0, right.last ?? 0) }

  /// Whether neither operand repeats anywhere.
  public var isPlain: Bool { Swift.zip(left, right).allSatisfy { $0 == $1 } }
}
