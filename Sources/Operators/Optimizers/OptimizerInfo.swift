/// What is fixed about an optimizer.
public struct OptimizerInfo: Sendable {
  /// The kind in run.json.
  public let kind: String
  /// One sentence for docs/optimizers.md.
  public let summary: String
  /// The update, g the gradient with its decay and w the weight.
  public let formula: String
  /// The formula of `Optimizer.factor`, v the mean of g².
  public let factor: String
  /// The settings, each with its default.
  public let settings: [AttributeInfo]

  /// The facts of an optimizer.
  public init(
    kind: String, summary: String, formula: String, factor: String, settings: [AttributeInfo]
  ) {
    self.kind = kind
    self.summary = summary
    self.formula = formula
    self.factor = factor
    self.settings = settings
  }
}

extension AttributeInfo {
  static let learningRate = AttributeInfo("learning_rate", default: "required", "the step size η")

  static func weightDecay(_ standard: String) -> AttributeInfo {
    AttributeInfo(
      "weight_decay", default: standard, "λ: λ w is added to the gradient, or see decoupled")
  }

  static let decoupled = AttributeInfo(
    "decoupled", default: "false",
    "whether w is multiplied by 1 − η λ before the update instead (every optimizer of Keras)")
}

extension Attributes {
  /// The learning rate, which has no default.
  func learningRate() throws(OperatorError) -> Double {
    guard has("learning_rate") else {
      throw .attribute("learning_rate", found: "missing", expected: "a number")
    }
    return try notNegative("learning_rate", default: 0)
  }

  /// A number ≥ 0.
  func notNegative(_ name: String, default standard: Double) throws(OperatorError) -> Double {
    let value = try float(name, default: standard)
    guard value >= 0, value < .infinity else {
      throw .attribute(name, found: "\(value)", expected: "0 or more")
    }
    return value
  }

  /// The decay rates of the two moments of Adam.
  func betas() throws(OperatorError) -> (Double, Double) {
    guard let betas = try floats("betas") else { return (0.9, 0.999) }
    guard betas.count == 2, betas.allSatisfy({ (0..<1).contains($0) }) else {
      throw .attribute("betas", found: "\(betas)", expected: "two numbers from 0 to below 1")
    }
    return (betas[0], betas[1])
  }
}
