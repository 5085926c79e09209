import Tensors

/// Gradient descent with momentum in PyTorch's form, whose velocity leaves the learning rate out;
/// Keras and scikit-learn keep η times that velocity, which walks the same way at a constant rate.
struct SGD: Optimizer {
  static let info = OptimizerInfo(
    kind: "sgd", summary: "Gradient descent with momentum.",
    formula: "b ← μ b + (1 − d) g; w ← w − η b, or w − η (g + μ b) with Nesterov",
    factor: "1; the step is η (1 − d) / (1 − μ)",
    settings: [
      .learningRate,
      AttributeInfo("momentum", default: "0", "μ"),
      AttributeInfo("dampening", default: "0", "d, which spares the first update"),
      AttributeInfo("nesterov", default: "false", "whether the gradient looks ahead"),
      .weightDecay("0"), .decoupled,
    ])

  var learningRate: Double
  let momentum: Double
  let dampening: Double
  let nesterov: Bool
  let decay: WeightDecay

  init(_ settings: Attributes) throws(OperatorError) {
    learningRate = try settings.learningRate()
    momentum = try settings.notNegative("momentum", default: 0)
    dampening = try settings.float("dampening", default: 0)
    nesterov = try settings.flag("nesterov", default: false)
    decay = try WeightDecay(settings)
    guard !nesterov || dampening == 0 else {
      throw .attribute("dampening", found: "\(dampening)", expected: "0 beside nesterov")
    }
  }

  var initialState: [Float] { momentum == 0 ? [] : [0] }

  func rule(update: Int) -> Rule {
    Rule(
      rate: Float(learningRate), momentum: Float(momentum),
      share: update == 1 || momentum == 0 ? 1 : Float(1 - dampening),
      ahead: nesterov, decay: decay.terms(learningRate))
  }

  func factor(secondMoment: Double, mean: Double, updates: Int) -> Double { 1 }

  var effectiveStep: Double {
    guard momentum > 0 else { return learningRate }
    return momentum < 1 ? learningRate * (1 - dampening) / (1 - momentum) : .infinity
  }

  struct Rule: UpdateRule {
    let rate: Float
    let momentum: Float
    let share: Float
    let ahead: Bool
    let decay: WeightDecay.Terms

    @inline(__always)
    func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors) {
      let g = decay.apply(&weights, gradient)
      state.first = momentum * state.first + share * g
      weights -= rate * (ahead ? g + momentum * state.first : state.first)
    }
  }
}
