import Runs
import Tensors

/// The penalties of a training on its parameters at some weights: `Σ (l1·Σ|w| + l2·Σw²)`.
public struct Penalties: Sendable {
  /// By parameter's tensor: the factors of its absolute values and of its squares.
  private let factors: [Int: (l1: Double, l2: Double)]

  /// The penalties of a run; entries of one parameter add up.
  package init(_ run: Run) {
    var factors: [Int: (l1: Double, l2: Double)] = [:]
    for penalty in run.training.regularization {
      guard let tensor = run.graph.tensor(named: penalty.parameter) else { continue }
      let (l1, l2) = factors[tensor] ?? (0, 0)
      factors[tensor] = (l1 + penalty.l1, l2 + penalty.l2)
    }
    self.factors = factors
  }

  /// Whether no parameter has a penalty.
  package var isEmpty: Bool { factors.isEmpty }

  /// The sum of all penalties.
  package func value(_ weights: Weights) -> Double {
    factors.keys.sorted().reduce(0) { total, tensor in
      guard let (l1, l2) = factors[tensor], let values = weights.tensors[tensor] else {
        return total
      }
      var (magnitude, squares) = (0.0, 0.0)
      for value in values.buffer {
        magnitude += Double(abs(value))
        squares += Double(value) * Double(value)
      }
      // A factor of 0 leaves infinite weights out.
      return total + (l1 == 0 ? 0 : l1 * magnitude) + (l2 == 0 ? 0 : l2 * squares)
    }
  }

  /// Adds the gradient of a parameter's penalty, `l1·sign w + 2·l2·w`, to what `add` is told to
  /// keep by index; false when it has none.
  @discardableResult
  package func forEachSlope(
    _ tensor: Int, _ weights: Weights, _ add: (_ index: Int, _ slope: Double) -> Void
  ) -> Bool {
    guard let (l1, l2) = factors[tensor], let values = weights.tensors[tensor] else { return false }
    for (index, value) in values.buffer.enumerated() {
      let sign = value > 0 ? 1.0 : value < 0 ? -1 : 0
      add(index, l1 * sign + (l2 == 0 ? 0 : 2 * l2 * Double(value)))
    }
    return true
  }
}
