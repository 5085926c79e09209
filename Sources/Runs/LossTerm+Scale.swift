import Operators
import Tensors

extension Run.LossTerm {
  /// Whether a loss on classes gives the same for probabilities of another sum: it divides by that
  /// itself, as Keras does. Found by asking the loss; false when it cannot be asked.
  public var ignoresScale: Bool {
    guard let half = value(of: [0.5, 0.5]), let tenth = value(of: [0.1, 0.1]) else { return false }
    return abs(half - tenth) < 1e-4
  }

  /// The loss of one row of scores against class 0.
  private func value(of scores: [Float]) -> Double? {
    guard let arena = try? Arena(bytes: Arena.bytes(scores.count) + Arena.bytes(1)),
      let row = try? Shape([1, scores.count]), let one = try? Shape([1]),
      let prediction = try? arena.tensor(row), let target = try? arena.tensor(one)
    else { return nil }
    for (index, score) in scores.enumerated() { prediction.base[index] = score }
    target.fill(0)
    return withExtendedLifetime(arena) {
      try? loss.evaluate(LossStep(prediction: prediction, target: target))
    }
  }
}
