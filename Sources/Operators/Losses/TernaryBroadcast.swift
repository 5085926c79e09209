import Tensors

/// How three tensors meet in the terms of a loss.
struct TernaryBroadcast {
  /// The shape of all terms.
  let shape: Shape
  /// By tensor, then by axis of the common shape: steps in elements.
  private let steps: [[Int]]

  /// The common shape of the first two, to which the third broadcasts; nil when there is none.
  init?(_ first: Shape, _ second: Shape, _ third: Shape) {
    guard let pair = Broadcast(first, second), let all = Broadcast(pair.shape, third),
      all.shape == pair.shape
    else { return nil }
    shape = pair.shape
    steps = [pair.left, pair.right, all.right]
  }

  /// The length of a row.
  var width: Int { shape.dims.last ?? 1 }

  /// By tensor: the step along a row, 0 or 1.
  var innerSteps: [Int] { steps.map { $0.last ?? 0 } }

  /// Calls `body` for every innermost row with the offsets of its first element in each tensor.
  @inline(__always)
  func forEachRow(_ body: (_ first: Int, _ second: Int, _ third: Int) -> Void) {
    guard shape.count > 0 else { return }
    let outer = max(0, shape.rank - 1)
    var index = [Int](repeating: 0, count: outer)
    while true {
      var offsets = (0, 0, 0)
      for axis in 0..<outer {
        offsets.0 += index[axis] * steps[0][axis]
        offsets.1 += index[axis] * steps[1][axis]
        offsets.2 += index[axis] * steps[2][axis]
      }
      body(offsets.0, offsets.1, offsets.2)
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
