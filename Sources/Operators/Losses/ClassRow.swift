import Tensors

/// The target of one position as weights of all classes, with scratch memory.
final class ClassRow {
  typealias Floats = UnsafeMutablePointer<Float>

  /// What each class gets whatever the target, from smoothing.
  let even: Floats
  /// The factor of a class's target.
  let factor: Floats
  /// The weights of all classes at this position.
  let target: Floats
  /// Room for what a loss keeps of each class.
  let scratch: Floats
  let classes: Int
  private let line: Floats

  /// Target weights `w_c ((1 − smoothing) t_c + smoothing / classes)`.
  init(_ layout: ClassTargets, smoothing: Double) {
    classes = layout.classes
    even = .allocate(capacity: max(1, 5 * classes))
    even.initialize(repeating: 0, count: max(1, 5 * classes))
    factor = even + classes
    target = even + 2 * classes
    scratch = even + 3 * classes
    line = even + 4 * classes
    for c in 0..<classes {
      even[c] = layout.weight(c) * Float(smoothing / Double(classes))
      factor[c] = layout.weight(c) * Float(1 - smoothing)
    }
  }

  deinit { even.deallocate() }

  /// Makes one class the target.
  func aim(at index: Int) {
    target.update(from: even, count: classes)
    target[index] += factor[index]
  }

  /// Makes probabilities, `stride` apart, the target.
  func aim(at shares: Floats, _ stride: Int) {
    if stride == 1 {
      forEachVector(classes) { lanes in
        target.store(lanes, even.vector(lanes) + factor.vector(lanes) * shares.vector(lanes))
      }
    } else {
      for c in 0..<classes { target[c] = even[c] + factor[c] * shares[c * stride] }
    }
  }

  /// Hands the prediction at a position, whose classes lie `stride` apart from `start`, to `term`
  /// side by side, and its gradient likewise; the gradient may be the prediction's own memory.
  @inline(__always)
  func evaluate(
    _ step: LossStep, _ start: Int, _ stride: Int,
    _ term: (_ prediction: Floats, _ gradient: Floats?, _ adding: Bool) -> Double
  ) -> Double {
    let prediction = step.prediction.base + start
    let gradient = step.gradient.map { $0.base + start }
    guard stride > 1 else { return term(prediction, gradient, step.adding) }
    for c in 0..<classes { line[c] = prediction[c * stride] }
    guard let gradient else { return term(line, nil, false) }
    let value = term(line, line, false)
    for c in 0..<classes {
      gradient[c * stride] = step.adding ? gradient[c * stride] + line[c] : line[c]
    }
    return value
  }
}
