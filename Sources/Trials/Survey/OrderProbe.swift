import Npy
import Replay
import Runs

/// Whether a network sees the order of a sequence, and whether the targets depend on it.
///
/// The steps of every row are shuffled, each row by a permutation of its own: a network that says the
/// same then is blind to the order. What there is to gain is told by ridge regression and nearest
/// neighbours on what happens when, beside the same on what happens at all, and beside the same on
/// shuffled steps.
public struct OrderProbe: Sendable {
  /// The input of the data.
  public let input: String
  /// Steps of a sequence.
  public let steps: Int
  /// The largest difference that shuffling made, in deviations of the predictions.
  public let change: Double
  /// The share of the targets' variance that predictors explain that see the order, leaving each row
  /// out; nil where the targets make no table.
  public let ordered: Double?
  /// That of predictors that do not see it, the best of them on shuffled steps included.
  public let unordered: Double?
  /// Rows that it was measured on.
  public let rows: Int

  static let limit = 384
  /// The fewest rows.
  public static let fewest = 40
  /// Shufflings that predictors are compared with.
  static let shufflings = 3
  private static let columnLimit = 64
  /// Arithmetic of both replays.
  private static let budget = 2e10

  /// - Parameter input: one with steps along axis 1.
  /// - Returns: nil where the network sees the order, or predicts the same for all rows.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ whole: Run, _ weights: Weights, input: Int, seenBelow limit: Double, _ progress: Progress
  ) throws(RunError) {
    let name = whole.graph.tensors[input]
    let sample = try whole.evaluating().subsample(try whole.affordable(Self.limit), seed: 31)
    guard let array = sample.data[name], array.shape.count >= 2, array.shape[1] > 2,
      sample.samples >= Self.fewest, sample.losses.count == 1,
      Workload.operations(sample, try Plan(sample, rows: sample.samples)) <= Self.budget
    else { return nil }
    let sequences = Sequences(
      values: try bridging(array.floats()), rows: array.rows, steps: array.shape[1],
      width: array.shape.dropFirst(2).reduce(1, *), isIds: whole.graph.holdsIds(input))
    var random = FixedRandom(seed: 37)
    let shuffled = sequences.shuffled(&random)
    let said = try Self.predictions(sample, weights, progress)
    let other = sample.replacingData(
      [name: try FloatBlock(shuffled.values).array(array.shape, name: name)], rows: sample.samples)
    let apart = try Self.predictions(other, weights, progress)
    let spread = Self.spread(said, sample.samples)
    guard spread > 0, said.count == apart.count else { return nil }
    let largest = zip(said, apart).reduce(0.0) { max($0, Double(abs($1.0 - $1.1))) }
    guard largest.isFinite, largest <= limit * spread else { return nil }
    self.input = name
    steps = sequences.steps
    change = largest / spread
    rows = sample.samples
    let tables = sequences.tables
    guard let targets = try SampleTable(sample)?.targets.first.flatMap({ $0 }),
      targets.columns <= Self.columnLimit, !tables.pooled.isEmpty
    else {
      (ordered, unordered) = (nil, nil)
      return
    }
    let best = { (kinds: [[Float]]) in
      kinds.compactMap { Self.score($0, targets, sample.samples) }.max() ?? 0
    }
    ordered = best(tables.ordered)
    var rivals = [0, best([tables.pooled])]
    for _ in 0..<Self.shufflings { rivals.append(best(sequences.shuffled(&random).tables.ordered)) }
    unordered = rivals.max()
  }

  private static func predictions(
    _ run: Run, _ weights: Weights, _ progress: Progress
  ) throws(RunError) -> [Float] {
    let stepper = try Stepper(run, from: weights, progress: progress)
    _ = try stepper.dataLoss(0..<run.samples)
    return Array(stepper.value(of: run.losses[0].prediction))
  }

  /// The mean deviation of the predictions between rows.
  private static func spread(_ values: [Float], _ rows: Int) -> Double {
    let width = values.count / max(1, rows)
    guard width > 0 else { return 0 }
    var total = 0.0
    for column in 0..<width {
      let own = stride(from: column, to: values.count, by: width).map { Double(values[$0]) }
      let mean = own.reduce(0, +) / Double(own.count)
      let square = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
      // What rounding makes of equal values is no variation.
      if square.squareRoot() > 1e-6 * abs(mean) { total += square.squareRoot() }
    }
    return total / Double(width)
  }

  private static func score(
    _ features: [Float], _ targets: SampleTable.Targets, _ rows: Int
  ) -> Double? {
    let width = features.count / rows
    var scaled = features
    SampleTable.standardize(&scaled, width)
    let smoothers = [
      Smoother.ridge(scaled, samples: rows, width: width, penalty: 0.1),
      Smoother.neighbours(scaled, samples: rows, width: width),
    ]
    return smoothers.compactMap { $0?.scores(targets.values, columns: targets.columns)?.first }
      .max()
  }
}
