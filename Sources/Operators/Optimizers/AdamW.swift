import Tensors

/// Adam that shrinks the weights apart from the gradient (Loshchilov & Hutter, 2019).
struct AdamW: AdamOptimizer {
  static let info = OptimizerInfo(
    kind: "adamw", summary: "Adam with decay apart from the gradient.",
    formula: "w ← (1 − η λ) w; then as adam", factor: "1 / (√v + ε)",
    settings: AdamMoments.settings(decay: "0.01").map { setting in
      setting.name == "weight_decay"
        ? AttributeInfo("weight_decay", default: "0.01", "λ (Keras: 0.004)") : setting
    })

  var learningRate: Double
  let moments: AdamMoments
  let decay: WeightDecay

  init(_ settings: Attributes) throws(OperatorError) {
    learningRate = try settings.learningRate()
    moments = try AdamMoments(settings)
    decay = WeightDecay(
      amount: try settings.notNegative("weight_decay", default: 0.01), decoupled: true)
  }
}
