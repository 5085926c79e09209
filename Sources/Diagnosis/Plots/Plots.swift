import Glibc

/// What a report draws: series of few numbers, each with four significant digits, so that a report
/// stays small whatever the run. Parts are empty or nil where nothing was measured.
public struct Plots: Sendable, Equatable {
  /// What the loss of is 1: `always predicting the mean`.
  public internal(set) var constant: String
  /// The recorded loss.
  public internal(set) var history: History?
  /// Trials of the training: as it was set, and with the changes that go farthest.
  public internal(set) var courses: [Course]
  /// The trials at other learning rates.
  public internal(set) var rates: Rates?
  /// Inputs, layers and losses, in an order that computes each before it is used.
  public internal(set) var layers: [Layer]
  /// Predictions beside their targets, of losses on values.
  public internal(set) var fits: [Fit]
  /// Labels and how often they were predicted, of losses on classes.
  public internal(set) var classes: [Classes]
  /// Columns of the inputs.
  public internal(set) var features: [Feature]

  /// Plots of their parts.
  public init(
    constant: String, history: History?, courses: [Course], rates: Rates?, layers: [Layer],
    fits: [Fit],
    classes: [Classes], features: [Feature]
  ) {
    self.constant = constant
    (self.history, self.courses, self.rates) = (history, courses, rates)
    (self.layers, self.fits, self.classes) = (layers, fits, classes)
    self.features = features
  }

  /// The loss as the training recorded it.
  public struct History: Sendable, Equatable {
    /// What one recorded value belongs to: `epoch` or `step`.
    public let unit: String
    /// How many recorded values one value here is the mean of.
    public let span: Int
    /// The values, in their order.
    public let values: [Double]
    /// What the best constant prediction loses; nil where the two cannot be compared.
    public let constant: Double?
    /// The best simple predictor, and what it loses; nil where that is not known.
    public let simple: Simple?

    /// A history of its parts.
    public init(
      unit: String, span: Int, values: [Double], constant: Double?, simple: Simple?
    ) {
      (self.unit, self.span, self.values) = (unit, span, values)
      (self.constant, self.simple) = (constant, simple)
    }
  }

  /// A predictor that needs no network.
  public struct Simple: Sendable, Equatable {
    /// What it is.
    public let name: String
    /// What it loses.
    public let loss: Double

    /// A predictor.
    public init(name: String, loss: Double) { (self.name, self.loss) = (name, loss) }
  }

  /// One training that was tried.
  public struct Course: Sendable, Equatable {
    /// What it does otherwise: `as set`.
    public let name: String
    /// Updates before each loss.
    public let updates: [Int]
    /// Losses, of that of the best constant prediction.
    public let losses: [Double]
    /// The smallest over orders of the batches; empty where it was tried in one order only.
    public let lowest: [Double]
    /// The largest.
    public let highest: [Double]

    /// A course of its parts.
    public init(
      name: String, updates: [Int], losses: [Double], lowest: [Double], highest: [Double]
    ) {
      (self.name, self.updates, self.losses) = (name, updates, losses)
      (self.lowest, self.highest) = (lowest, highest)
    }
  }

  /// What some updates come to by learning rate.
  public struct Rates: Sendable, Equatable {
    /// The run's own.
    public let own: Double
    /// Updates of each trial.
    public let updates: Int
    /// The learning rates, rising.
    public let rates: [Double]
    /// By rate, the loss of that of the best constant prediction; infinite where it ran away.
    public let losses: [Double]

    /// Rates of their parts.
    public init(own: Double, updates: Int, rates: [Double], losses: [Double]) {
      (self.own, self.updates, self.rates, self.losses) = (own, updates, rates, losses)
    }
  }

  /// An input, a layer, a module of several layers, or a loss.
  public struct Layer: Sendable, Equatable {
    /// Which of them it is.
    public enum Kind: String, Sendable, CaseIterable { case input, layer, module, loss }

    /// Which of them it is.
    public let kind: Kind
    /// The user's name.
    public let name: String
    /// What it computes: the operators, or how many layers.
    public let text: String
    /// Those that it computes from, by index.
    public let inputs: [Int]
    /// Units, or columns; 0 where that says nothing.
    public let units: Int
    /// The share of the units of its rectifiers that some sample switches on; nil without any.
    public let alive: Double?
    /// The norm of the gradient at its output; nil where no loss asks for one.
    public let gradient: Double?
    /// The norm of the change by the training, of that of the weights before it; nil without weights, and
    /// where those are not known.
    public let moved: Double?
    /// How much the output differs between samples, of its size; NaN where values are not finite, and nil
    /// where that was not measured.
    public let variation: Double?
    /// Ids of the findings there.
    public let findings: [String]

    /// A layer of its parts.
    public init(
      kind: Kind, name: String, text: String, inputs: [Int], units: Int, alive: Double?,
      gradient: Double?, moved: Double?, variation: Double?, findings: [String]
    ) {
      (self.kind, self.name, self.text, self.inputs) = (kind, name, text, inputs)
      (self.units, self.alive, self.gradient) = (units, alive, gradient)
      (self.moved, self.variation, self.findings) = (moved, variation, findings)
    }
  }

  /// Predictions and targets of some samples.
  public struct Fit: Sendable, Equatable {
    /// The target's name, with its column where it has several.
    public let name: String
    /// Targets.
    public let targets: [Double]
    /// What is predicted, one for each target.
    public let predictions: [Double]

    /// A fit of its parts.
    public init(name: String, targets: [Double], predictions: [Double]) {
      (self.name, self.targets, self.predictions) = (name, targets, predictions)
    }
  }

  /// How often each label is the target, and is predicted.
  public struct Classes: Sendable, Equatable {
    /// The target's name.
    public let name: String
    /// By label, targets.
    public let actual: [Int]
    /// By label, predictions.
    public let predicted: [Int]

    /// Counts of their parts.
    public init(name: String, actual: [Int], predicted: [Int]) {
      (self.name, self.actual, self.predicted) = (name, actual, predicted)
    }
  }

  /// One column of an input.
  public struct Feature: Sendable, Equatable {
    /// The input's name with the column.
    public let name: String
    /// The mean.
    public let mean: Double
    /// The standard deviation.
    public let deviation: Double
    /// The smallest value.
    public let minimum: Double
    /// The largest.
    public let maximum: Double

    /// A feature of its parts.
    public init(
      name: String, mean: Double, deviation: Double, minimum: Double, maximum: Double
    ) {
      (self.name, self.mean, self.deviation) = (name, mean, deviation)
      (self.minimum, self.maximum) = (minimum, maximum)
    }
  }

  /// A number with four significant digits.
  static func short(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return value }
    let digits = 3 - log10(abs(value)).rounded(.down)
    // Of numbers that are too small for that, nothing is to be seen.
    guard abs(digits) < 300 else { return abs(value) < 1 ? 0 : value }
    // A power below 1 is not exact, so that one divides by its inverse.
    let scale = pow(10, abs(digits))
    return digits >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
  }
}
