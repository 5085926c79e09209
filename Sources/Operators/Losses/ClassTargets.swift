import Glibc
import Tensors

/// How classes lie in the prediction and the targets of a classification loss: classes along axis 1
/// of the prediction (axis 0 of a single sample is not supported), targets as indices in the shape
/// without that axis, or as one weight a class in the same shape.
struct ClassTargets {
  let classes: Int
  let inner: Int
  let indexed: Bool
  let positions: Range<Int>
  private let step: LossStep

  init(_ step: LossStep) {
    self.step = step
    let shape = step.prediction.shape
    classes = shape[1]
    inner = shape.around(1).inner
    indexed = step.target.shape != shape
    positions = 0..<(shape[0] * inner)
  }

  static func coupling(
    _ prediction: Shape, _ target: Shape, ignoreIndex: Int?
  ) throws(OperatorError) -> LossCoupling {
    guard prediction.rank >= 2 else {
      throw .shapes(found: "a prediction of \(prediction)", expected: "classes along axis 1")
    }
    if prediction == target { return .none }
    var dims = prediction.dims
    dims.remove(at: 1)
    guard target.dims == dims else {
      throw .shapes(
        found: "targets of \(target) for a prediction of \(prediction)",
        expected: "class indices of \(try Shape.of(dims)), or one probability a class")
    }
    return .weighted
  }

  static func normalizer(
    _ prediction: Shape, _ target: Tensor, classWeights: Tensor?, ignoreIndex: Int?
  ) -> Double {
    let (classes, inner) = (prediction[1], prediction.around(1).inner)
    guard target.shape != prediction else { return Double(prediction[0] * inner) }
    var total = 0.0
    for value in target.buffer where ignoreIndex.map({ Float($0) != value }) ?? true {
      guard let classWeights else {
        total += 1
        continue
      }
      if let index = Int(exactly: value), (0..<classes).contains(index) {
        total += Double(classWeights.base[index])
      }
    }
    return total
  }

  private func offset(_ position: Int, _ c: Int) -> Int {
    (position / inner * classes + c) * inner + position % inner
  }

  func prediction(_ position: Int, _ c: Int) -> Double {
    Double(step.prediction.base[offset(position, c)])
  }

  /// Fills `q` with the weight of every class at a position; false when the target is ignored.
  func weights(
    at position: Int, into q: inout [Double], ignoreIndex: Int?, smoothing: Double
  ) throws(OperatorError) -> Bool {
    let spread = smoothing / Double(classes)
    if indexed {
      let value = step.target.base[position]
      if let ignoreIndex, value == Float(ignoreIndex) { return false }
      guard let index = Int(exactly: value), (0..<classes).contains(index) else {
        throw .target(
          sample: position / inner, found: "\(value)", expected: "a class index 0 to \(classes - 1)"
        )
      }
      for c in q.indices { q[c] = weight(c) * (spread + (c == index ? 1 - smoothing : 0)) }
    } else {
      for c in q.indices {
        let target = Double(step.target.base[offset(position, c)])
        q[c] = weight(c) * (spread + (1 - smoothing) * target)
      }
    }
    return true
  }

  private func weight(_ c: Int) -> Double { step.classWeights.map { Double($0.base[c]) } ?? 1 }

  func write(_ slope: Double, _ position: Int, _ c: Int) {
    guard let gradient = step.gradient else { return }
    let at = offset(position, c)
    let value = Float(slope) * step.scale
    gradient.base[at] = step.adding ? gradient.base[at] + value : value
  }

  func ignore(_ position: Int) { for c in 0..<classes { write(0, position, c) } }
}

/// `exp` in double, for losses that are evaluated once a sample.
func exponential(_ x: Double) -> Double { exp(x) }

/// `log` in double.
func logarithm(_ x: Double) -> Double { log(x) }
