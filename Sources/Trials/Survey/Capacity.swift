import Npy
import Replay
import Runs
import Tensors

/// Whether what a model gets wrong could be told from its inputs, and whether its own last features
/// could tell it.
public struct Capacity: Sendable {
  /// Samples that it was measured on.
  public let samples: Int
  /// The share of the residuals' variance that nearest neighbours among the inputs explain, leaving
  /// each sample out; 1 when the inputs are a complete table without contradictions.
  public let inputs: Double
  /// The share of random permutations for which they do as well; 0 for a complete table.
  public let pValue: Double
  /// The share that least squares on the features before the last layer explain.
  public let features: Double
  /// The share that least squares on the same layer's features explain when all weights are drawn anew
  /// and the inputs are standardized, the best of three draws: what the architecture could express
  /// even without training.
  public let fresh: Double
  /// Whether every combination of the inputs' values is there once.
  public let isTable: Bool
  /// How much the features vary, relative to their size.
  public let variation: Double

  static let permutations = 99

  /// Measures the residuals (the negative slope of the loss at the prediction) of some samples.
  ///
  /// - Parameters:
  ///   - hidden: the tensor before the last layer of weights.
  ///   - progress: asked before every batch.
  /// - Returns: nil when there are too few samples, or no residuals left.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ sample: DistinctSample, _ term: Run.LossTerm, hidden: Int, _ weights: Weights,
    progress: Progress = Progress()
  ) throws(RunError) {
    let n = sample.run.samples
    guard n >= 4 else { return nil }
    let stepper = try Stepper(sample.run, from: weights, progress: progress)
    let parts = try sample.run.parts(of: n)
    var (residuals, inner): ([Float], [Float]) = ([], [])
    for part in parts {
      // A mean over a part counts each row for more than the mean over all.
      let share: Float = term.mean ? Float(part.count) / Float(n) : 1
      residuals += try stepper.slopes(part, at: term.prediction).map { -$0 * share }
      inner += stepper.value(of: hidden)
    }
    guard residuals.count % n == 0, inner.count % n == 0, !residuals.isEmpty, !inner.isEmpty,
      residuals.allSatisfy(\.isFinite), inner.allSatisfy(\.isFinite)
    else { return nil }
    let columns = residuals.count / n
    let width = inner.count / n
    guard columns <= 64, width <= 4096 else { return nil }
    variation = Self.variation(inner, width)
    SampleTable.standardize(&inner, width)
    guard let fit = Self.fit(inner, width, residuals, columns, n) else { return nil }
    features = fit
    fresh = try Self.fresh(sample, hidden, weights, residuals, columns, progress)
    samples = n
    isTable = sample.isComplete
    if isTable {
      inputs = 1
      pValue = 0
      return
    }
    guard let near = sample.near else { return nil }
    var shuffled = [Float](repeating: 0, count: n * columns * (Self.permutations + 1))
    var random = FixedRandom(seed: 13)
    let groups = Self.permutations + 1
    for group in 0..<groups {
      let order = group == 0 ? Array(0..<n) : random.permutation(n)
      for row in 0..<n {
        for column in 0..<columns {
          shuffled[(row * groups + group) * columns + column] =
            residuals[order[row] * columns + column]
        }
      }
    }
    guard let scores = near.scores(shuffled, columns: columns, groups: groups) else { return nil }
    inputs = scores[0]
    pValue =
      Double(scores.dropFirst().filter { $0 >= scores[0] }.count + 1)
      / Double(Self.permutations + 1)
  }

  private static func fresh(
    _ sample: DistinctSample, _ hidden: Int, _ weights: Weights, _ residuals: [Float],
    _ columns: Int, _ progress: Progress
  ) throws(RunError) -> Double {
    let n = sample.run.samples
    let run = try sample.table.standardized(sample.run)
    let plan = try Plan(run, rows: n)
    var best = 0.0
    let stepper = try Stepper(run, from: weights, progress: progress)
    for draw in 0..<3 {
      stepper.reset()
      Initialization.draw(into: stepper, plan, seed: 3 + UInt64(draw), spreadBiases: true)
      var inner: [Float] = []
      for part in try run.parts(of: n) {
        _ = try stepper.dataLoss(part)
        inner += stepper.value(of: hidden)
      }
      guard inner.allSatisfy(\.isFinite) else { continue }
      let width = inner.count / n
      SampleTable.standardize(&inner, width)
      if let fit = fit(inner, width, residuals, columns, n) { best = max(best, fit) }
    }
    return best
  }

  /// The deviation of the features over their root mean square.
  private static func variation(_ values: [Float], _ width: Int) -> Double {
    let rows = values.count / width
    var (spread, power) = (0.0, 0.0)
    for column in 0..<width {
      var (sum, square) = (0.0, 0.0)
      for row in 0..<rows {
        let value = Double(values[row * width + column])
        sum += value
        square += value * value
      }
      power += square
      spread += max(0, square - sum * sum / Double(rows))
    }
    return power > 0 ? (spread / power).squareRoot() : 0
  }

  /// In-sample R² of ridge regression with hardly a penalty.
  private static func fit(
    _ x: [Float], _ width: Int, _ y: [Float], _ columns: Int, _ n: Int
  ) -> Double? {
    var centred = y
    var total = 0.0
    for column in 0..<columns {
      let places = stride(from: column, to: centred.count, by: columns)
      let mean = places.reduce(0.0) { $0 + Double(y[$1]) } / Double(n)
      total += places.reduce(0.0) { $0 + Double(y[$1]) * Double(y[$1]) }
      for place in places { centred[place] = Float(Double(y[place]) - mean) }
    }
    // Residuals of a fit that has every sample right are rounding errors.
    guard total > 1e-12,
      let fitted = Smoother.fitted(
        x, samples: n, width: width, penalty: 1e-6, targets: centred, columns: columns)
    else { return nil }
    let errors = zip(centred, fitted).reduce(0.0) { sum, pair in
      let error = Double(pair.0) - Double(pair.1)
      return sum + error * error
    }
    return 1 - errors / total
  }

  /// Whether the rows are all combinations of the few values of two or more columns, each once.
  static func isComplete(_ table: SampleTable) -> Bool {
    let (n, width) = (table.samples, table.width)
    guard n <= 64, (2...6).contains(width) else { return false }
    var product = 1
    for column in 0..<width {
      let distinct = Set((0..<n).map { table.features[$0 * width + column] }).count
      product *= distinct
      guard (2...4).contains(distinct), product <= 64 else { return false }
    }
    let rows = Set((0..<n).map { Array(table.features[($0 * width)..<(($0 + 1) * width)]) })
    return product == n && rows.count == n
  }
}
