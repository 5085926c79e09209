import Npy
import Operators
import Tensors

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
  private let moment: Weights.Moment
  private let backward: Bool
  private let collect: [Int]

  /// A replay of a run.
  ///
  /// - Parameters:
  ///   - moment: which values of the parameters.
  ///   - backward: whether gradients are computed.
  ///   - collectOutputs: whether every output of the graph is kept in memory.
  ///   - collecting: further tensors to keep.
  public init(
    _ run: Run, at moment: Weights.Moment = .current, backward: Bool = true,
    collectOutputs: Bool = false, collecting tensors: [Int] = []
  ) {
    self.run = run
    self.moment = moment
    self.backward = backward
    collect = (collectOutputs ? run.graph.outputs : []) + tensors
  }

  /// Replays all samples.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one a core. The result does not depend on it.
  ///   - progress: told after every lane.
  /// - Throws: `ReplayError` when the run cannot be replayed, or the caller cancels.
  public func run(workers: Int = 0, progress: Progress = Progress()) throws(ReplayError) -> Result {
    let batches = try Batches(run)
    let weights = try Weights(run, at: moment)
    let flow = backward && !run.losses.isEmpty ? GradientFlow(run) : nil
    let plan = try Plan(run, rows: batches.ranges.first?.count ?? 0)
    let outputs = try collect.isEmpty ? nil : OutputCollector(run, plan, collect)
    let scales = try LossScales(run, batches, plan, weights)
    progress.begin(
      moment == .current ? "replay" : "replay of the start", total: batches.lanes.count)
    let run = self.run
    let merged = try Lanes.map(
      batches.lanes.count, workers: workers, progress: progress,
      { () throws(ReplayError) in
        let worker = ReplayWorker(run, batches, weights, flow, scales, outputs, progress)
        return LaneWorker { (lane) throws(ReplayError) in try worker.replay(lane) }
      },
      merge: { $0.merge($1) })
    var vitals = merged ?? ReplayVitals(run, plan, flow)
    vitals.addPenalties(run, weights, gradients: flow != nil)
    return Result(vitals: vitals, plan: plan, outputs: outputs?.arrays ?? [])
  }
}
