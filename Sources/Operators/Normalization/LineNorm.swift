import Tensors

/// How a tensor is cut into lines that are normalized each for itself, and how scale and bias lie
/// over a line: element by element where `places` is 1, else one value for that many places.
struct LineNorm {
  /// How many lines.
  let lines: Int
  /// The elements of a line, in one piece.
  let length: Int
  /// Neighbours that share a scale.
  let places: Int
  /// After how many lines the scales begin again.
  let period: Int
  /// The shape to which scale and bias broadcast: that of all scales.
  let scale: Shape
  /// Added to the variance or to the mean square.
  let epsilon: Double
  /// Whether the mean is taken off.
  let centered: Bool

  /// The scales of a line.
  var width: Int { places == 0 ? 0 : length / places }

  /// Where the scales of a line begin.
  @inline(__always) func scales(_ line: Int) -> Int { line % period * width }

  /// Calls `body` for all elements of a line: lanes, and the place of their scale, which all of them
  /// share unless `places` is 1.
  @inline(__always)
  func forEachElement(_ line: Int, _ body: (_ start: Int, _ lanes: Lanes, _ scale: Int) -> Void) {
    if places == 1 {
      forEachVector(length) { body(0, $0, scales(line)) }
    } else {
      for index in 0..<width {
        forEachVector(places) { body(index * places, $0, scales(line) + index) }
      }
    }
  }

  /// The values of scale or bias for those lanes.
  @inline(__always)
  func values(_ base: UnsafeMutablePointer<Float>, _ lanes: Lanes, _ scale: Int) -> Vector {
    places == 1 ? (base + scale).vector(lanes) : Vector(repeating: base[scale])
  }

  /// The mean of a line (0 unless it is taken off) and one over its standard deviation, in two
  /// passes.
  @inline(__always)
  func measure(_ x: UnsafeMutablePointer<Float>) -> (mean: Float, inverse: Float) {
    let size = Double(max(1, length))
    let mean = centered ? Float(lineSum(length) { x.vector($0) } / size) : 0
    let squares = lineSum(length) {
      let distance = x.vector($0) - mean
      return distance * distance
    }
    return (mean, Float(1 / (squares / size + epsilon).squareRoot()))
  }
}

/// The sum of a term over a line, 64 vectors at a time in float and beyond in double.
@inline(__always)
func lineSum(_ count: Int, _ term: (Lanes) -> Vector) -> Double {
  var total = 0.0
  for start in stride(from: 0, to: count, by: 1024) {
    var sum = Vector.zero
    forEachVector(min(1024, count - start)) { lanes in
      let value = term(Lanes(start: start + lanes.start, count: lanes.count))
      sum += lanes.count == 16 ? value : value.replacing(with: 0, where: .!lanes.mask)
    }
    total += Double(sum.total)
  }
  return total
}
