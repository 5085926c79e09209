/// A number that decides in more than one rule, or before any: what belongs to one rule alone is its
/// `Threshold`, which users may set.
public struct Limit: Sendable {
  /// The value.
  public let value: Double
  /// What it is a number of.
  public let unit: String
  /// What happens beyond it.
  public let meaning: String
  /// Where it comes from.
  public let source: String

  init(_ value: Double, unit: String, _ meaning: String, source: String) {
    self.value = value
    self.unit = unit
    self.meaning = meaning
    self.source = source
  }
}

/// All numbers that decide and are no rule's own, as docs/diagnosis.md prints them.
public enum Limits {
  private static let constant = "of the best constant prediction's loss"
  private static let cases = "chosen on re-created faults and sound models"

  /// The share of the training's loss that decides under a loss on values.
  static let fifth = Limit(
    0.2, unit: "of the training's loss",
    "under a loss on values, a change that leaves no more is decisive if it also gains `fine`",
    source: "unexplained variance matters there: " + cases)
  /// The gain that goes with `fifth`.
  static let fine = Limit(
    0.02, unit: constant, "the least gain of such a change", source: cases)
  /// Where a training has learned nothing.
  static let nothing = Limit(
    0.9, unit: constant, "a training that ends here or above has learned nothing", source: cases)
  /// What is decisive then.
  static let something = Limit(
    0.15, unit: constant, "then a change that gains this is decisive", source: cases)
  /// Where a training did harm.
  static let harmful = Limit(
    1.5, unit: constant, "a training that ends here or above did harm", source: cases)
  /// Where it did none.
  static let harmless = Limit(
    1.1, unit: constant, "a change that brings a harmful training back here is decisive",
    source: "worse than any constant, and back to one")
  /// Where a training thrives.
  static let thriving = Limit(
    0.15, unit: constant,
    "below, a training has learned what there is: under a loss on classes nothing is decisive",
    source: cases)
  /// Where a learning rate is no matter of taste.
  static let absurdFactor = Limit(
    3e3, unit: "times the learning rate",
    "a rate that is further off than this, either way, comes of something else",
    source: "three and a half powers of ten: usual rates span 1e-4 to 1")
  /// Where nearly all was learned.
  static let learned = Limit(
    0.1, unit: constant, "below, what only keeps a training from learning is one step milder",
    source: cases)
  /// Where all that matters was learned.
  static let mastered = Limit(
    0.03, unit: constant, "below, it is a note", source: cases)
  /// Where what is left may be unlearnable.
  static let fair = Limit(
    0.5, unit: constant, "up to here it is milder too, if no trial does decisively better",
    source: cases)
  /// Where a fit holds on validation data.
  static let unheld = Limit(
    0.3, unit: constant + " on the validation data",
    "below, the fit holds, and excuses as above", source: cases)
  /// Where it fails.
  static let failed = Limit(
    0.9, unit: constant + " on the validation data", "from here on it does not hold",
    source: "about that of a constant")
  /// Where it fails beside the training.
  static let failedRatio = Limit(
    3, unit: "validation / training, both relative to their constants",
    "above, it does not hold either", source: cases)
  /// Where something was learned on rows that were not trained on.
  static let unseen = Limit(
    0.95, unit: constant, "below, on rows kept aside, there is something to learn", source: cases)
  /// Where a column counts as standardized, by its deviation.
  static let standardDeviation = Limit(
    5, unit: "times the deviation 1, or a fifth of it",
    "a column within counts as standardized, and no trial scales it", source: cases)
  /// The same by its mean.
  static let standardMean = Limit(
    3, unit: "deviations", "the furthest that the mean of such a column lies from 0", source: cases)
  /// Where a recorded loss fell.
  static let fallenLoss = Limit(
    0.9, unit: "last fifth / first fifth of the history, medians",
    "below, the loss fell by more than chance", source: "reasoned")
  /// Where a tensor varies.
  static let variation = Limit(
    1e-6, unit: "deviation between samples / magnitude",
    "up to here a tensor is the same for all samples",
    source: "about ten times the rounding of float32, 2⁻²³")
  /// Where learning can be judged.
  static let judgedSamples = Limit(
    8, unit: "samples", "fewer tell nothing of learning", source: "reasoned")
  /// Where it is plain that something was learned.
  static let plain = Limit(
    0.1, unit: constant, "no more left is learning, whatever else is known", source: cases)

  /// What a timeline may cost.
  static let timelineOperations = Limit(
    2e9, unit: "operations",
    "snapshots that take no more are replayed on all samples", source: "about a tenth of a second")
  /// The same, beside the replay.
  static let timelineShare = Limit(
    0.5, unit: "of a replay of all samples",
    "all snapshots together may take this much in any case",
    source: "a check replays all samples once or twice")
  /// The fewest samples that tell the state of a network.
  static let timelineSamples = Limit(
    32, unit: "samples", "each snapshot is replayed on as many in any case",
    source: "a batch of the usual size")

  /// By name, in the order of docs/diagnosis.md.
  public static let all: [(name: String, limit: Limit)] = [
    ("fifth", fifth), ("fine", fine), ("nothing", nothing), ("something", something),
    ("harmful", harmful), ("harmless", harmless), ("thriving", thriving),
    ("absurdFactor", absurdFactor), ("learned", learned), ("mastered", mastered), ("fair", fair),
    ("unheld", unheld), ("failed", failed), ("failedRatio", failedRatio), ("unseen", unseen),
    ("standardDeviation", standardDeviation), ("standardMean", standardMean),
    ("fallenLoss", fallenLoss), ("variation", variation), ("judgedSamples", judgedSamples),
    ("plain", plain), ("timelineOperations", timelineOperations),
    ("timelineShare", timelineShare), ("timelineSamples", timelineSamples),
  ]
}
