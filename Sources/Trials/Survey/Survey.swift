import Npy
import Replay
import Runs

/// What simple means tell of a run's data: duplicates, outliers, what predictors without a network
/// make of it, and what the model does with its features.
public struct Survey: Sendable {
  /// Rows that repeat each other; nil when there are too many to compare.
  public let duplicates: Duplicates?
  /// By input: outliers; missing where they could not be screened for.
  public let outliers: [String: Outliers]
  /// By loss: ridge regression and nearest neighbours on up to 512 samples.
  public let baselines: [Baselines?]
  /// Whether the data is all combinations of a few values, each once.
  public var isTable: Bool { sample?.isComplete ?? false }
  /// What the predictors were tried on.
  public let sample: DistinctSample?
  /// How many directions the standardized features spread in: (Σλ)² / Σλ² of their covariance's
  /// eigenvalues λ, the participation ratio; nil when there are too many features.
  public let effectiveRank: Double?
  /// How much each feature moves the predictions.
  public let sensitivity: Sensitivity?
  /// What samples with errors far outside weigh, for losses on values that have some.
  public let tails: [TailShare]

  /// Surveys a run at some weights.
  ///
  /// - Parameter progress: no other work may share it.
  ///
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public init(
    _ run: Run, _ weights: Weights, _ duplicates: Duplicates?, workers: Int = 0,
    executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) {
    self.duplicates = duplicates
    var outliers: [String: Outliers] = [:]
    let inputs = run.graph.inputs.map { run.graph.tensors[$0] }
    for name in inputs {
      guard outliers[name] == nil else { continue }
      outliers[name] = try Outliers(
        run, name, workers: workers, executor: executor, progress: progress)
    }
    self.outliers = outliers
    let sample = try DistinctSample(run, duplicates)
    self.sample = sample
    baselines =
      sample.map { sample in
        sample.table.targets.map { target in
          target.flatMap {
            Baselines(
              features: sample.table.features, width: sample.table.width, targets: $0.values,
              columns: $0.columns, samples: sample.table.samples, near: sample.near)
          }
        }
      } ?? []
    effectiveRank = sample?.table.effectiveRank
    sensitivity = try Self.replayed { () throws(RunError) in
      try Sensitivity(run, weights, progress)
    }
    var tails: [TailShare] = []
    for term in run.losses where type(of: term.loss).info.targets == .values {
      let tail = try Self.replayed { () throws(RunError) in
        try TailShare(run, term, weights, progress)
      }
      if let tail { tails.append(tail) }
    }
    self.tails = tails
  }

  /// What a probe gives; nil when the replay that it needs fails.
  private static func replayed<T>(
    _ probe: () throws(RunError) -> T?
  ) throws(RunError) -> T? {
    do throws(RunError) { return try probe() } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }
}
