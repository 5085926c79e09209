import Tensors

/// Gradients over the root of their averaged squares (Tieleman & Hinton, 2012), with momentum on
/// what that gives.
struct RMSprop: Optimizer {
  static let info = OptimizerInfo(
    kind: "rmsprop", summary: "Gradients over the root of averaged squares.",
    formula: "s ← α s + (1 − α) g²; b ← μ b + g / (√s + ε); w ← w − η b",
    factor: "1 / (√v + ε); the step is η / (1 − μ)",
    settings: [
      .learningRate,
      AttributeInfo("alpha", default: "0.99", "α (Keras: rho, 0.9)"),
      AttributeInfo("eps", default: "1e-8", "ε (Keras: 1e-7)"),
      AttributeInfo("epsilon_inside", default: "false", "whether the root is √(s + ε) (Keras)"),
      AttributeInfo(
        "centered", default: "false", "whether the square of the averaged g is taken off s"),
      AttributeInfo("momentum", default: "0", "μ"),
      .weightDecay("0"), .decoupled,
    ])

  var learningRate: Double
  let alpha: Double
  let eps: Double
  let inside: Bool
  let centered: Bool
  let momentum: Double
  let decay: WeightDecay

  init(_ settings: Attributes) throws(OperatorError) {
    learningRate = try settings.learningRate()
    alpha = try settings.notNegative("alpha", default: 0.99)
    eps = try settings.notNegative("eps", default: 1e-8)
    inside = try settings.flag("epsilon_inside", default: false)
    centered = try settings.flag("centered", default: false)
    momentum = try settings.notNegative("momentum", default: 0)
    decay = try WeightDecay(settings)
  }

  /// The averaged squares, the velocity, the averaged gradient; only as many as are needed.
  var initialState: [Float] { centered ? [0, 0, 0] : momentum > 0 ? [0, 0] : [0] }

  func rule(update: Int) -> Rule {
    Rule(
      rate: Float(learningRate), alpha: Float(alpha), rest: Float(1 - alpha), eps: Float(eps),
      inside: inside, centered: centered, momentum: Float(momentum),
      decay: decay.terms(learningRate))
  }

  func factor(secondMoment: Double, mean: Double, updates: Int) -> Double {
    let square = max(0, secondMoment - (centered ? mean * mean : 0))
    return inside ? 1 / (square + eps).squareRoot() : 1 / (square.squareRoot() + eps)
  }

  var effectiveStep: Double { momentum < 1 ? learningRate / (1 - momentum) : .infinity }

  struct Rule: UpdateRule {
    let rate: Float
    let alpha: Float
    let rest: Float
    let eps: Float
    let inside: Bool
    let centered: Bool
    let momentum: Float
    let decay: WeightDecay.Terms

    @inline(__always)
    func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors) {
      let g = decay.apply(&weights, gradient)
      state.first = alpha * state.first + rest * (g * g)
      var square = state.first
      if centered {
        state.third += rest * (g - state.third)
        square -= state.third * state.third
      }
      let root = inside ? (square + eps).squareRoot() : square.squareRoot() + eps
      state.second = momentum * state.second + g / root
      weights -= rate * state.second
    }
  }
}
