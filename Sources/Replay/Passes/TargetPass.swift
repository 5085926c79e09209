import Operators
import Runs

/// Targets of one loss that the loss refuses, such as a class index that no output stands for.
public struct RefusedTargets: Sendable {
  /// The loss's place in the run's list.
  public let index: Int
  /// The loss.
  public let term: Run.LossTerm
  /// Samples with such a target.
  public internal(set) var count: Int
  /// The first of them, with what is there.
  public internal(set) var first: [(sample: Int, found: String)]
  /// What the loss expects.
  public let expected: String
  /// The prediction's shape for one sample.
  public let prediction: [Int]

  /// The most samples that are listed.
  public static let listed = 5
}

/// The pass that holds targets against their losses before anything is replayed: a replay would end
/// at the first target that its loss refuses.
public struct TargetPass: Sendable {
  private let run: Run
  private let data: DataVitals

  /// A pass over the targets of a run, whose data has been measured.
  public init(_ run: Run, _ data: DataVitals) {
    self.run = run
    self.data = data
  }

  /// Looks at all targets.
  ///
  /// - Throws: `RunError` when the run cannot be planned or its data cannot be read.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> [RefusedTargets] {
    var result: [RefusedTargets] = []
    for (index, term) in run.losses.enumerated() {
      guard let lanes = try TargetLanes(run, index), !isSound(term.target, lanes.classes) else {
        continue
      }
      let found = try Lanes.map(lanes, workers: workers, executor: executor, progress: progress)
      guard let found, let expected = found.expected else { continue }
      result.append(
        RefusedTargets(
          index: index, term: term, count: found.count,
          first: found.first.map { ($0.sample, $0.found) }, expected: expected,
          prediction: lanes.prediction.dims))
    }
    return result
  }

  /// Whether the counted labels are all class indices.
  private func isSound(_ target: String, _ classes: Int) -> Bool {
    guard let vitals = data.arrays[target], let labels = vitals.labels,
      vitals.columns.nonFinite.allSatisfy({ $0 == 0 })
    else { return false }
    return labels.keys.allSatisfy { TargetLanes.isClass($0, classes) }
  }
}
