import Npy
import Replay
import Runs

/// What a model has learned of each column of a target under a loss on values.
public struct OutputShares: Sendable {
  /// The name of the targets.
  public let target: String
  /// By column: the squared error, of that of the column's mean.
  public let left: [Double]
  /// By column: the deviation of the targets.
  public let deviations: [Double]
  /// By column: the share that it has of the slopes of the loss, which all layers share.
  public let slopes: [Double]
  /// By column: what the best simple predictor leaves of the column's variance, each sample left out.
  public let simple: [Double]
  /// Samples that it was measured on.
  public let samples: Int

  /// More columns than this are those of an image, a signal or an encoding: one thing together.
  public static let most = 16

  /// - Returns: nil for a target of one column, or where predictions are not finite.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ sample: DistinctSample, _ index: Int, _ weights: Weights, _ progress: Progress
  ) throws(RunError) {
    let run = sample.run
    let term = run.losses[index]
    let n = run.samples
    guard type(of: term.loss).info.targets == .values, term.second == nil, n >= 20,
      let targets = sample.table.targets[index], (2...Self.most).contains(targets.columns)
    else { return nil }
    let columns = targets.columns
    let stepper = try Stepper(run, from: weights, progress: progress)
    let slopes = try stepper.slopes(0..<n, at: term.prediction)
    let predictions = Array(stepper.value(of: term.prediction))
    guard predictions.count == n * columns, slopes.count == n * columns,
      predictions.allSatisfy(\.isFinite), slopes.allSatisfy(\.isFinite)
    else { return nil }
    var (left, deviations, shares, simple) = ([Double](), [Double](), [Double](), [Double]())
    for column in 0..<columns {
      let places = Array(stride(from: column, to: n * columns, by: columns))
      let own = places.map { Double(targets.values[$0]) }
      let mean = own.reduce(0, +) / Double(n)
      let total = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let errors = zip(places, own).reduce(0.0) {
        let error = Double(predictions[$1.0]) - $1.1
        return $0 + error * error
      }
      left.append(total > 0 ? errors / total : 0)
      deviations.append((total / Double(n)).squareRoot())
      shares.append(places.reduce(0) { $0 + Double(slopes[$1]) * Double(slopes[$1]) })
      let best = Baselines(
        features: sample.table.features, width: sample.table.width, targets: own.map(Float.init),
        columns: 1, samples: n, near: sample.near, permutations: 0)
      simple.append(1 - (best?.best ?? 0))
    }
    let sum = shares.reduce(0, +)
    target = term.target
    self.left = left
    self.deviations = deviations
    self.slopes = shares.map { sum > 0 ? $0 / sum : 0 }
    self.simple = simple
    samples = n
  }
}
