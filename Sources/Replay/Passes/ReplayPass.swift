import Runs

/// The pass that replays a run, forward and backward, over all samples of a data set.
public struct ReplayPass: Sendable {
  /// What one replay gave.
  public struct Result: Sendable {
    /// The merged measurements.
    public let vitals: ReplayVitals
    /// Shapes, unit axes and roles, for one row a batch or as many as the run's own.
    public let plan: Plan
    /// The tensors that were asked for, over all samples.
    public let outputs: [OutputArray]
  }

  private let run: Run
  private let snapshot: Weights.Snapshot
  private let backward: Bool
  private let collect: [Int]

  /// A replay of a run.
  ///
  /// - Parameters:
  ///   - snapshot: which values of the parameters.
  ///   - backward: whether gradients are computed.
  ///   - collectOutputs: whether every output of the graph is kept in memory.
  ///   - collecting: further tensors to keep.
  public init(
    _ run: Run, at snapshot: Weights.Snapshot = .current, backward: Bool = true,
    collectOutputs: Bool = false, collecting tensors: [Int] = []
  ) {
    self.run = run
    self.snapshot = snapshot
    self.backward = backward
    collect = (collectOutputs ? run.graph.outputs : []) + tensors
  }

  /// Replays all samples.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one a core. The result does not depend on it.
  ///   - executor: what does the lanes elsewhere, unless outputs are collected. Nor on this.
  ///   - progress: told after every lane.
  /// - Throws: `RunError` when the run cannot be replayed, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> Result {
    let lanes = try ReplayLanes(run, at: snapshot, backward: backward, collect)
    let merged = try Lanes.map(lanes, workers: workers, executor: executor, progress: progress)
    var vitals = merged ?? lanes.nothing
    vitals.close(run)
    vitals.addPenalties(run, lanes.weights, gradients: lanes.flow != nil)
    return Result(vitals: vitals, plan: lanes.plan, outputs: lanes.outputs?.arrays ?? [])
  }
}
