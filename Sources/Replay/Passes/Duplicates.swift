import Npy
import Runs

/// Rows of a run's data that repeat each other.
public struct Duplicates: Sendable {
  /// How many rows there are.
  public let samples: Int
  /// How many different inputs.
  public let distinctInputs: Int
  /// How many different pairs of inputs and targets.
  public let distinctRows: Int
  /// The first of every group of equal samples, if half of the samples or more are that: what is judged
  /// on samples left out should not have seen their copies. nil where there are no copies, or where
  /// the data is of few values and repeats itself by nature.
  public let firsts: [Int]?
  /// Groups of samples with equal inputs and targets, the largest first; at most `listLimit`.
  public let groups: [[Int]]
  /// By loss: samples with equal inputs and different targets.
  public let conflicts: [Conflict]

  /// Targets that differ where the inputs do not.
  public struct Conflict: Sendable {
    /// The name of the targets.
    public let target: String
    /// Samples that share their inputs with one of another target.
    public let samples: Int
    /// Some of these, in groups; at most `listLimit`.
    public let groups: [[Int]]
    /// The share of the targets' variance that lies between samples of equal inputs: no model can
    /// explain it. Class labels count as one column per class.
    public let unexplained: Double
  }

  /// The most groups that are listed.
  public static let listLimit = 16

  /// Hashes every row.
  ///
  /// - Returns: nil when there are too many rows, or no inputs.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public init?(
    _ run: Run, workers: Int = 0, executor: (any LaneExecutor)? = nil,
    progress: Progress = Progress()
  ) throws(RunError) {
    func digests(_ names: [String]) throws(RunError) -> RowDigests? {
      try RowDigests(run, names, workers: workers, executor: executor, progress: progress)
    }
    let inputs = run.graph.inputs.map { run.graph.tensors[$0] }.filter { run.data[$0] != nil }
    guard !inputs.isEmpty, run.samples > 1, let found = try digests(inputs) else { return nil }
    samples = run.samples
    distinctInputs = found.distinct
    var rows = found.values
    var conflicts: [Conflict] = []
    for term in run.losses {
      guard let array = run.data[term.target], array.rows == run.samples,
        let targets = try digests([term.target])
      else { continue }
      for row in rows.indices { rows[row] = Digest.mix(rows[row], targets.values[row]) }
      try progress.check()
      if let conflict = try Self.conflict(term, array, run, found, targets, progress) {
        conflicts.append(conflict)
      }
    }
    try progress.check()
    self.conflicts = conflicts
    let both = RowDigests(values: rows)
    let firsts = both.firsts
    distinctRows = firsts.count
    self.firsts =
      firsts.count < rows.count && 2 * firsts.count >= rows.count ? firsts : nil
    groups = Array(
      both.groups.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }.prefix(Self.listLimit))
  }

  private static func conflict(
    _ term: Run.LossTerm, _ array: NpyArray, _ run: Run, _ inputs: RowDigests,
    _ targets: RowDigests, _ progress: Progress
  ) throws(RunError) -> Conflict? {
    let groups = inputs.groups.filter { group in
      group.contains { targets.values[$0] != targets.values[group[0]] }
    }
    guard !groups.isEmpty else { return nil }
    let isClasses = type(of: term.loss).info.targets == .classes && array.rowLength == 1
    let spread = try Spread(array, isClasses: isClasses, progress)
    var within = 0.0
    for group in groups { within += try spread.total(of: .places(group)) }
    let total = try spread.total(of: .all)
    return Conflict(
      target: term.target, samples: groups.reduce(0) { $0 + $1.count },
      groups: Array(groups.prefix(listLimit)), unexplained: total > 0 ? within / total : 0)
  }
}
