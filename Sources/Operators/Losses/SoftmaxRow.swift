import Glibc
import Tensors

/// Cross-entropy at one position, with scratch memory for its classes.
///
/// Sums leave out the largest class, whose exponential is exactly 1: a loss of 1e-9 and its
/// gradient keep their digits in float32, where 1 + 1e-9 would be 1.
final class SoftmaxRow {
  /// What each class gets whatever the target, from smoothing.
  let even: UnsafeMutablePointer<Float>
  /// The factor of a class's target.
  let factor: UnsafeMutablePointer<Float>
  /// The weights of all classes at this position.
  let target: UnsafeMutablePointer<Float>
  private let exponentials: UnsafeMutablePointer<Float>
  private let line: UnsafeMutablePointer<Float>
  private let classes: Int

  init(_ classes: Int) {
    self.classes = classes
    even = .allocate(capacity: max(1, 5 * classes))
    even.initialize(repeating: 0, count: max(1, 5 * classes))
    factor = even + classes
    target = even + 2 * classes
    exponentials = even + 3 * classes
    line = even + 4 * classes
  }

  deinit { even.deallocate() }

  /// Makes one class the target.
  func aim(at index: Int) {
    target.update(from: even, count: classes)
    target[index] += factor[index]
  }

  /// Makes probabilities, `stride` apart, the target.
  func aim(at shares: UnsafeMutablePointer<Float>, _ stride: Int) {
    if stride == 1 {
      forEachVector(classes) { lanes in
        target.store(lanes, even.vector(lanes) + factor.vector(lanes) * shares.vector(lanes))
      }
    } else {
      for c in 0..<classes { target[c] = even[c] + factor[c] * shares[c * stride] }
    }
  }

  /// The term; with a gradient asked for, that is written. Classes lie `stride` apart from `start`.
  func evaluate(_ step: LossStep, _ start: Int, _ stride: Int) -> Double {
    let gradient = step.gradient.map { $0.base + start }
    guard stride > 1 else { return evaluate(step.prediction.base + start, gradient, step) }
    for c in 0..<classes { line[c] = step.prediction.base[start + c * stride] }
    guard let gradient else { return evaluate(line, nil, step) }
    let part = LossStep(
      prediction: step.prediction, target: step.target, scale: step.scale, adding: false)
    let term = evaluate(line, line, part)
    for c in 0..<classes {
      gradient[c * stride] = step.adding ? gradient[c * stride] + line[c] : line[c]
    }
    return term
  }

  private func evaluate(
    _ logits: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>?,
    _ step: LossStep
  ) -> Double {
    let top = largest(logits, classes)
    guard top.isFinite else { return undefined(gradient) }
    var (rest, ties, mass, gaps) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    forEachVector(classes) { lanes in
      let gap = top - logits.vector(lanes)
      let q = target.vector(lanes)
      let e = exp(-gap)
      exponentials.store(lanes, e)
      let tie = (gap .== 0) .& lanes.mask
      ties += Vector.zero.replacing(with: 1, where: tie)
      rest += e.replacing(with: 0, where: tie .| .!lanes.mask)
      mass += q
      // A class without weight may have a logit of −infinity.
      gaps += (q * gap).replacing(with: 0, where: q .== 0)
    }
    let (count, small, weight) = (Double(ties.total), Double(rest.total), mass.total)
    let logarithm = count == 1 ? Glibc.log1p(small) : Glibc.log(count + small)
    if let gradient {
      let factor = Float(Double(step.scale) / (count + small))
      let (whole, part) = (Float(count), Float(small))
      forEachVector(classes) { lanes in
        let q = target.vector(lanes)
        // weight · e − q · (count + small), where the first two cancel exactly for a sure hit.
        let slope = (weight * exponentials.vector(lanes) - q * whole - q * part) * factor
        gradient.store(lanes, step.adding ? gradient.vector(lanes) + slope : slope)
      }
    }
    return Double(weight) * logarithm + Double(gaps.total)
  }

  /// Logits of which the largest is infinite, or none at all: NaN, as every framework has it.
  private func undefined(_ gradient: UnsafeMutablePointer<Float>?) -> Double {
    for c in 0..<classes { gradient?[c] = .nan }
    return classes == 0 ? 0 : .nan
  }
}
