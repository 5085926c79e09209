import Npy
import Operators
import Replay
import Runs
import Trials

// What is measured of the data alone.
extension Measurer {
  /// The names of the graph's inputs.
  var inputs: [String] { run.graph.inputs.map { run.graph.tensors[$0] } }

  /// The targets of several columns, sorted.
  func tables(_ data: DataVitals) -> [String] {
    Set(run.losses.map(\.target)).filter { (data.arrays[$0]?.columns.units ?? 0) > 1 }.sorted()
  }

  /// Columns, labels and digests of every array.
  func data(validation: Bool) throws(RunError) -> DataVitals {
    try DataPass(run, validation: validation, bounds: bounds).run(
      workers: workers, executor: executor, progress: progress)
  }

  /// What targets may be, or else what the heads of the losses can reach: targets outside are
  /// counted while the data is read.
  private var bounds: [String: ClosedRange<Double>] {
    var result: [String: ClosedRange<Double>] = [:]
    for term in run.losses {
      if type(of: term.loss).info.targets == .probabilities {
        result[term.target] = 0...1
      } else if let head = SignalPath.head(of: term.prediction, run.graph) {
        result[term.target] = head.activation.range
      }
    }
    return result
  }

  /// Losses with targets that they refuse.
  func refusedTargets(_ data: DataVitals) throws(RunError) -> [RefusedTargets] {
    try RefusedTargets.find(
      in: run, data, workers: workers, executor: executor, progress: progress)
  }

  /// Rows that repeat each other; nil when there are too many to compare.
  func duplicates() throws(RunError) -> Duplicates? {
    try Duplicates(run, workers: workers, executor: executor, progress: progress)
  }

  /// How the columns of some arrays vary together.
  func correlations(
    _ data: DataVitals, of names: [String]
  ) throws(RunError) -> [String: Correlation] {
    var result: [String: Correlation] = [:]
    for name in names {
      guard let vitals = data.arrays[name] else { continue }
      result[name] = try CorrelationPass(run, vitals)?.run(
        workers: workers, executor: executor, progress: progress)
    }
    return result
  }

  /// What simple means tell of the data.
  func survey(_ weights: Weights, _ duplicates: Duplicates?) throws(RunError) -> Survey {
    try Survey(
      run, weights, duplicates, workers: workers, executor: executor, progress: progress)
  }
}
