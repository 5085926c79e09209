import Glibc
import Tensors

/// Averages of the gradient and of its square, corrected for their start at 0 (Kingma & Ba, 2015).
struct Adam: AdamOptimizer {
  static let info = OptimizerInfo(
    kind: "adam", summary: "Averaged gradients over the root of averaged squares.",
    formula: AdamMoments.formula, factor: "1 / (√v + ε)",
    settings: AdamMoments.settings(decay: "0"))

  var learningRate: Double
  let moments: AdamMoments
  let decay: WeightDecay

  init(_ settings: Attributes) throws(OperatorError) {
    learningRate = try settings.learningRate()
    moments = try AdamMoments(settings)
    decay = try WeightDecay(settings)
  }
}

/// What Adam and AdamW share.
protocol AdamOptimizer: Optimizer where Rule == AdamMoments.Rule {
  var moments: AdamMoments { get }
}

extension AdamOptimizer {
  var initialState: [Float] { moments.amsgrad ? [0, 0, 0] : [0, 0] }

  func rule(update: Int) -> AdamMoments.Rule {
    moments.rule(update: update, learningRate, decay.terms(learningRate))
  }

  func factor(secondMoment: Double, mean: Double, updates: Int) -> Double {
    1 / (max(0, secondMoment).squareRoot() + moments.eps)
  }

  var effectiveStep: Double { learningRate }
}

/// The moments of Adam.
struct AdamMoments: Sendable {
  static let formula =
    "m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − η m̂ / (√v̂ + ε), "
    + "m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ)"

  let beta1: Double
  let beta2: Double
  let eps: Double
  let amsgrad: Bool
  let uncorrected: Bool

  static func settings(decay: String) -> [AttributeInfo] {
    [
      .learningRate,
      AttributeInfo("betas", default: "[0.9, 0.999]", "β₁ and β₂"),
      AttributeInfo("eps", default: "1e-8", "ε (Keras: 1e-7)"),
      AttributeInfo("amsgrad", default: "false", "whether the largest v so far takes v's place"),
      AttributeInfo(
        "epsilon_hat", default: "false",
        "whether ε is added to √v before the correction, so that it weighs more in the first "
          + "updates (Keras, scikit-learn)"),
      .weightDecay(decay),
    ]
  }

  init(_ settings: Attributes) throws(OperatorError) {
    (beta1, beta2) = try settings.betas()
    eps = try settings.notNegative("eps", default: 1e-8)
    amsgrad = try settings.flag("amsgrad", default: false)
    uncorrected = try settings.flag("epsilon_hat", default: false)
  }

  func rule(update: Int, _ learningRate: Double, _ decay: WeightDecay.Terms) -> Rule {
    let first = 1 - Glibc.pow(beta1, Double(update))
    let root = (1 - Glibc.pow(beta2, Double(update))).squareRoot()
    // √(v / c) + ε is (√v + ε √c) / √c.
    return Rule(
      rate: Float(learningRate * root / first), beta1: Float(beta1), beta2: Float(beta2),
      rest1: Float(1 - beta1), rest2: Float(1 - beta2), eps: Float(uncorrected ? eps : eps * root),
      amsgrad: amsgrad, decay: decay)
  }

  struct Rule: UpdateRule {
    let rate: Float
    let beta1: Float
    let beta2: Float
    let rest1: Float
    let rest2: Float
    let eps: Float
    let amsgrad: Bool
    let decay: WeightDecay.Terms

    @inline(__always)
    func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors) {
      let g = decay.apply(&weights, gradient)
      state.first = beta1 * state.first + rest1 * g
      state.second = beta2 * state.second + rest2 * (g * g)
      var v = state.second
      if amsgrad {
        v = v.replacing(with: state.third, where: state.third .> v)
        state.third = v
      }
      weights -= rate * (state.first / (v.squareRoot() + eps))
    }
  }
}
