/// What is fixed about an operator.
public struct OperatorInfo: Sendable {
  /// The ONNX name, such as `LeakyRelu`.
  public let name: String
  /// One sentence for docs/operators.md.
  public let summary: String
  /// The formula of the forward step.
  public let formula: String
  /// How many inputs a node may name.
  public let inputs: ClosedRange<Int>
  /// How many outputs it may name.
  public let outputs: ClosedRange<Int>
  /// The attributes, each with its default.
  public let attributes: [AttributeInfo]
  /// For an activation function: where it is flat and what it can reach.
  public let activation: Activation?
  /// What it states about itself for those who must not know it by name.
  public let facts: Set<OperatorFact>
  /// Whether the backward kernel can add to a gradient by itself (`Backward.betas`).
  public let accumulates: Bool
  /// What the gradient check runs; at least one.
  public let samples: [GradientSample]

  /// The facts of an operator.
  public init(
    name: String, summary: String, formula: String, inputs: ClosedRange<Int>,
    outputs: ClosedRange<Int> = 1...1, attributes: [AttributeInfo] = [],
    activation: Activation? = nil, facts: Set<OperatorFact> = [], accumulates: Bool = false,
    samples: [GradientSample]
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
    self.activation = activation
    self.facts = facts
    self.accumulates = accumulates
    self.samples = samples
  }
}

/// An attribute of an operator.
public struct AttributeInfo: Sendable {
  /// The ONNX name.
  public let name: String
  /// The default as text, or "required".
  public let standard: String
  /// What it does.
  public let meaning: String

  /// An attribute of that name.
  public init(_ name: String, default standard: String, _ meaning: String) {
    self.name = name
    self.standard = standard
    self.meaning = meaning
  }
}

/// Where an activation function is flat, and what it can reach.
public struct Activation: Sendable, Equatable {
  /// Pre-activations at or below this have a slope under 5 % of the largest one (0 for a rectifier).
  public let flatBelow: Double?
  /// Pre-activations at or above this have a slope under 5 % of the largest one.
  public let flatAbove: Double?
  /// The closure of all values that it takes.
  public let range: ClosedRange<Double>
  /// Whether the slope is exactly zero wherever the function is flat: the unit can die.
  public let rectifier: Bool

  /// An activation flat outside those bounds.
  public init(
    flatBelow: Double? = nil, flatAbove: Double? = nil, range: ClosedRange<Double>,
    rectifier: Bool = false
  ) {
    self.flatBelow = flatBelow
    self.flatAbove = flatAbove
    self.range = range
    self.rectifier = rectifier
  }

  /// Whether what goes through it loses a side: everything above a bound, or everything below 0.
  public var cutsOff: Bool { range.upperBound < .infinity || range.lowerBound >= 0 }

  /// Everything.
  public static let reals = -Double.infinity...Double.infinity
}

/// One input of the gradient check: shapes, attributes, and the places to stay away from.
public struct GradientSample: Sendable {
  /// The shapes of the inputs; nil skips an optional one.
  public let shapes: [[Int]?]
  /// The attributes of the node.
  public let attributes: [String: AttributeValue]
  /// Inputs are drawn from this interval.
  public let range: ClosedRange<Double>
  /// Values where the derivative jumps; no input comes closer than 0.05.
  public let kinks: [Double]
  /// Inputs that are given rather than drawn, such as the shape of a Reshape. They get no gradient.
  public let constants: [Int: [Double]]

  /// A sample of those shapes.
  public init(
    _ shapes: [[Int]?], attributes: [String: AttributeValue] = [:],
    range: ClosedRange<Double> = -2...2, kinks: [Double] = [], constants: [Int: [Double]] = [:]
  ) {
    self.shapes = shapes
    self.attributes = attributes
    self.range = range
    self.kinks = kinks
    self.constants = constants
  }
}
