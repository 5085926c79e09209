import Tensors

/// Up to sixteen elements of a row.
struct Lanes {
  /// The index of the first.
  let start: Int
  /// How many, 1 to 16.
  let count: Int

  /// Set in the lanes that hold an element. (Comparisons of integers go lane by lane.)
  @inline(__always) var mask: VectorMask {
    Vector(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) .< Float(count)
  }
}

/// Calls `body` for every sixteen elements of a row, and once for the rest.
@inline(__always)
func forEachVector(_ count: Int, _ body: (Lanes) -> Void) {
  var i = 0
  while i + 16 <= count {
    body(Lanes(start: i, count: 16))
    i += 16
  }
  if i < count { body(Lanes(start: i, count: count - i)) }
}

extension UnsafeMutablePointer<Float> {
  /// The elements of those lanes, the others zero.
  @inline(__always) func vector(_ lanes: Lanes) -> Vector {
    lanes.count == 16
      ? (self + lanes.start).vector : (self + lanes.start).vector(first: lanes.count)
  }

  /// Writes the elements of those lanes.
  @inline(__always) func store(_ lanes: Lanes, _ vector: Vector) {
    if lanes.count == 16 {
      (self + lanes.start).store(vector)
    } else {
      (self + lanes.start).store(vector, first: lanes.count)
    }
  }
}
