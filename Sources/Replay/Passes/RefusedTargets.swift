import Operators
import Runs

/// Targets of one loss that the loss refuses, such as a class index that no output stands for.
public struct RefusedTargets: Sendable {
  /// The loss's place in the run's list.
  public let index: Int
  /// The loss.
  public let term: Run.LossTerm
  /// Samples with such a target.
  public let count: Int
  /// The first of them, with what is there.
  public let first: [(sample: Int, found: String)]
  /// What the loss expects.
  public let expected: String
  /// The prediction's shape for one sample.
  public let prediction: [Int]

  /// The most samples that are listed.
  public static let listed = 5

  /// Holds the targets of a run against its losses before anything is replayed: a replay would end at
  /// the first target that its loss refuses.
  ///
  /// - Parameter data: the measured data of the run. Targets whose counted labels are all sound are
  ///   not looked at again.
  /// - Throws: `RunError` when the run cannot be planned or its data cannot be read.
  public static func find(
    in run: Run, _ data: DataVitals, workers: Int = 0, executor: (any LaneExecutor)? = nil,
    progress: Progress = Progress()
  ) throws(RunError) -> [RefusedTargets] {
    var result: [RefusedTargets] = []
    for (index, term) in run.losses.enumerated() {
      guard let pass = try TargetPass(run, index), !data.isSound(term.target, pass.classes) else {
        continue
      }
      let found = try pass.merged(workers: workers, executor: executor, progress: progress)
      guard let found, let expected = found.expected else { continue }
      result.append(
        RefusedTargets(
          index: index, term: term, count: found.count,
          first: found.first.map { ($0.sample, $0.found) }, expected: expected,
          prediction: pass.prediction.dims))
    }
    return result
  }
}

extension DataVitals {
  /// Whether the counted labels are all class indices.
  fileprivate func isSound(_ target: String, _ classes: Int) -> Bool {
    guard let vitals = arrays[target], let labels = vitals.labels,
      vitals.columns.nonFinite.allSatisfy({ $0 == 0 })
    else { return false }
    return labels.keys.allSatisfy { TargetPass.isClass($0, classes) }
  }
}
