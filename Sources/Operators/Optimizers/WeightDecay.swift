import Tensors

/// How an optimizer makes the weights themselves smaller.
public struct WeightDecay: Sendable, Equatable {
  /// λ.
  public let amount: Double
  /// Whether weights are multiplied by `1 − η λ` before the update, instead of λ w being added to
  /// the gradient as the slope of `λ/2 · w²`.
  public let decoupled: Bool

  init(_ settings: Attributes, default standard: Double = 0) throws(OperatorError) {
    amount = try settings.notNegative("weight_decay", default: standard)
    decoupled = try settings.flag("decoupled", default: false)
  }

  init(amount: Double, decoupled: Bool) {
    self.amount = amount
    self.decoupled = decoupled
  }

  /// The two ways as factors of the weights, one of which is neutral.
  func terms(_ learningRate: Double) -> Terms {
    Terms(
      folded: decoupled ? 0 : Float(amount),
      shrink: decoupled ? Float(1 - learningRate * amount) : 1)
  }

  struct Terms: Sendable {
    let folded: Float
    let shrink: Float

    /// Shrinks the weights, and gives the gradient with its share of them.
    @inline(__always) func apply(_ weights: inout Vector, _ gradient: Vector) -> Vector {
      weights *= shrink
      return gradient + folded * weights
    }
  }
}
