import Tensors

/// Gradients over the root of the sum of all squares so far (Duchi et al., 2011).
struct Adagrad: Optimizer {
  static let info = OptimizerInfo(
    kind: "adagrad", summary: "Gradients over the root of summed squares.",
    formula: "s ← s + g²; w ← w − η / (1 + (t − 1) κ) · g / (√s + ε)",
    factor: "1 / (√(s₀ + t v) + ε), divided by 1 + (t − 1) κ",
    settings: [
      .learningRate,
      AttributeInfo("eps", default: "1e-10", "ε (Keras: 1e-7)"),
      AttributeInfo("epsilon_inside", default: "false", "whether the root is √(s + ε) (Keras)"),
      AttributeInfo("initial_accumulator", default: "0", "s₀ (Keras: 0.1)"),
      AttributeInfo("lr_decay", default: "0", "κ, by which the step shrinks"),
      .weightDecay("0"), .decoupled,
    ])

  var learningRate: Double
  let eps: Double
  let inside: Bool
  let initial: Double
  let rateDecay: Double
  let decay: WeightDecay

  init(_ settings: Attributes) throws(OperatorError) {
    learningRate = try settings.learningRate()
    eps = try settings.notNegative("eps", default: 1e-10)
    inside = try settings.flag("epsilon_inside", default: false)
    initial = try settings.notNegative("initial_accumulator", default: 0)
    rateDecay = try settings.notNegative("lr_decay", default: 0)
    decay = try WeightDecay(settings)
  }

  var initialState: [Float] { [Float(initial)] }

  func rule(update: Int) -> Rule {
    Rule(
      rate: Float(learningRate / (1 + Double(update - 1) * rateDecay)), eps: Float(eps),
      inside: inside, decay: decay.terms(learningRate))
  }

  func factor(secondMoment: Double, mean: Double, updates: Int) -> Double {
    let count = Double(max(1, updates))
    let sum = initial + count * max(0, secondMoment)
    let root = inside ? (sum + eps).squareRoot() : sum.squareRoot() + eps
    return 1 / root / (1 + (count - 1) * rateDecay)
  }

  var effectiveStep: Double { learningRate }

  struct Rule: UpdateRule {
    let rate: Float
    let eps: Float
    let inside: Bool
    let decay: WeightDecay.Terms

    @inline(__always)
    func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors) {
      let g = decay.apply(&weights, gradient)
      state.first += g * g
      let root = inside ? (state.first + eps).squareRoot() : state.first.squareRoot() + eps
      weights -= rate * (g / root)
    }
  }
}
