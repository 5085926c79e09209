/// One input of the gradient check of losses.
public struct LossSample: Sendable {
  /// Predictions are drawn in this shape from `range`.
  public let prediction: [Int]
  /// The shape of the targets.
  public let target: [Int]
  /// Where predictions are drawn from.
  public let range: ClosedRange<Double>
  /// Targets: drawn from this interval, from `levels` when those are given, or whole numbers below
  /// `classes` when that is given.
  public let targets: ClosedRange<Double>
  /// The values that targets may have.
  public let levels: [Double]?
  /// The number of classes when the targets are indices.
  public let classes: Int?
  /// The settings.
  public let settings: [String: AttributeValue]
  /// The operand of `LossInfo.weights`.
  public let weights: Operand?
  /// The operand of `LossInfo.second`.
  public let second: Operand?
  /// Differences of prediction and target where the derivative jumps.
  public let kinks: [Double]

  /// A tensor with given values, repeated as often as they are needed.
  public struct Operand: Sendable {
    /// The shape.
    public let shape: [Int]
    /// The values.
    public let values: [Double]

    /// A tensor of that shape.
    public init(_ shape: [Int], _ values: [Double]) {
      self.shape = shape
      self.values = values
    }
  }

  /// A sample of those shapes.
  public init(
    _ prediction: [Int], _ target: [Int], range: ClosedRange<Double> = -2...2,
    targets: ClosedRange<Double> = -2...2, levels: [Double]? = nil, classes: Int? = nil,
    settings: [String: AttributeValue] = [:], weights: Operand? = nil, second: Operand? = nil,
    kinks: [Double] = []
  ) {
    self.prediction = prediction
    self.target = target
    self.range = range
    self.targets = targets
    self.levels = levels
    self.classes = classes
    self.settings = settings
    self.weights = weights
    self.second = second
    self.kinks = kinks
  }

  /// The same with one weight per class.
  static func weighted(
    _ prediction: [Int], _ target: [Int], range: ClosedRange<Double> = -2...2, classes: Int,
    settings: [String: AttributeValue] = [:], _ weights: [Double]
  ) -> LossSample {
    LossSample(
      prediction, target, range: range, classes: classes, settings: settings,
      weights: Operand([weights.count], weights))
  }
}
