import Runs
import Tensors

/// The pass that replays a run, forward and backward, over all samples of a data set: its lanes are
/// consecutive batches.
public struct ReplayPass: Sendable {
  /// What one replay gave.
  public struct Result: Sendable {
    /// The merged measurements.
    public let vitals: ReplayVitals
    /// Shapes, unit axes and roles, for one row per batch or as many as the run's own.
    public let plan: Plan
    /// The tensors that were asked for, over all samples.
    public let outputs: [OutputArray]
  }

  private let run: Run
  private let snapshot: Weights.Snapshot
  private let batches: Batches
  /// The parameters that are replayed.
  public let weights: Weights
  private let plan: Plan
  private let flow: GradientFlow?
  /// Keeps tensors; only where the lanes are done in this process.
  private let outputs: OutputCollector?
  private let scales: LossScales
  /// Vitals that have seen no samples.
  private let nothing: ReplayVitals

  /// A replay of a run.
  ///
  /// - Parameters:
  ///   - snapshot: which values of the parameters.
  ///   - backward: whether gradients are computed.
  ///   - collectOutputs: whether every output of the graph is kept in memory.
  ///   - collecting: further tensors to keep.
  ///   - keepingWeights: whether the run keeps what was read of its files for the parameters.
  /// - Throws: `RunError` when the run cannot be planned or its weights cannot be read.
  public init(
    _ run: Run, at snapshot: Weights.Snapshot = .current, backward: Bool = true,
    collectOutputs: Bool = false, collecting tensors: [Int] = [],
    keepingWeights: Bool = true
  ) throws(RunError) {
    let batches = try Batches(run)
    let weights = try Weights(run, at: snapshot, keeping: keepingWeights)
    let plan = try Plan(run, rows: batches.ranges.first?.count ?? 0)
    let collect = (collectOutputs ? run.graph.outputs : []) + tensors
    let outputs = try collect.isEmpty ? nil : OutputCollector(run, plan, collect)
    try self.init(
      run, snapshot, batches, weights, plan, backward ? GradientFlow(run) : nil, outputs,
      try LossScales(run, batches, plan, weights))
  }

  private init(
    _ run: Run, _ snapshot: Weights.Snapshot, _ batches: Batches, _ weights: Weights, _ plan: Plan,
    _ flow: GradientFlow?, _ outputs: OutputCollector?, _ scales: LossScales
  ) throws(RunError) {
    self.run = run
    self.snapshot = snapshot
    self.batches = batches
    self.weights = weights
    self.plan = plan
    self.flow = run.losses.isEmpty ? nil : flow
    self.outputs = outputs
    self.scales = scales
    nothing = ReplayVitals(run, plan, self.flow)
    if batches.ranges.count >= Self.turningLimit { try weights.turn(run) }
  }

  /// From so many batches on it pays to transpose weights first.
  private static let turningLimit = 16

  /// Replays all samples.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one per core. The result does not depend on it.
  ///   - executor: what does the lanes elsewhere, unless outputs are collected. Nor on this.
  ///   - progress: told after every lane.
  /// - Throws: `RunError` when the run cannot be replayed, or the caller cancels.
  public func run(
    workers: Int = 0, executor: (any LaneExecutor)? = nil, progress: Progress = Progress()
  ) throws(RunError) -> Result {
    giveBackMemory(TensorLayout(run, plan, flow).bytes)
    let merged = try merged(workers: workers, executor: executor, progress: progress)
    var vitals = merged ?? nothing
    vitals.close(run)
    vitals.addPenalties(run, weights, gradients: flow != nil)
    return Result(vitals: vitals, plan: plan, outputs: outputs?.arrays ?? [])
  }
}

extension ReplayPass: PortablePass {
  static var kind: PassKind { .replay }
  package var stage: String { snapshot == .current ? "replay" : "replay of the start" }
  package var laneCount: Int { batches.lanes.count }
  /// As many as have room for a batch each, and at least one.
  package var threadLimit: Int {
    max(1, run.workingMemory / max(1, TensorLayout(run, plan, flow).bytes))
  }
  var home: Run? { outputs == nil && run.part != nil ? run : nil }

  var reads: (names: [String], validation: Bool) {
    let inputs = run.graph.inputs.map { run.graph.tensors[$0] }
    let targets = run.losses.flatMap { $0.targets + ($0.sampleWeight.map { [$0] } ?? []) }
    let names = Set(inputs + targets).filter { run.data[$0] != nil }
    return (names.sorted(), run.part?.onValidation ?? false)
  }

  func rows(of lane: Int) -> Range<Int> { scales.rows(of: lane) }

  package func worker(_ progress: Progress) throws(RunError) -> LaneWorker<ReplayVitals> {
    let worker = ReplayWorker(run, batches, weights, flow, scales, outputs, progress)
    let source = LossScales.Source(run, weights)
    return LaneWorker(
      detach: { (vitals, isFirst) throws(RunError) in
        if isFirst { return vitals.settle() }
        do throws(TensorError) { try vitals.detach() } catch { throw .system(error) }
      },
      run: { (lane) throws(RunError) in
        worker.scales = try scales.covering(lane, source)
        return try worker.replay(lane)
      })
  }

  package static func merge(_ all: inout ReplayVitals, _ next: consuming ReplayVitals) {
    all.merge(next)
  }

  package func accepts(_ partial: ReplayVitals, of lane: Int) -> Bool {
    nothing.hasShape(of: partial, plan)
  }

  func write(to writer: inout ByteWriter) {
    writer.put(run.part ?? RunPart())
    writer.put(snapshot == .initial)
    writer.put(flow != nil)
    scales.write(to: &writer)
  }

  init(_ whole: Run, from reader: inout ByteReader) throws(RunError) {
    let run = try whole.taking(try reader.value())
    let snapshot: Weights.Snapshot = try reader.value(Bool.self) ? .initial : .current
    let flow = try reader.value(Bool.self) ? GradientFlow(run) : nil
    let batches = try Batches(run)
    let plan = try Plan(run, rows: batches.ranges.first?.count ?? 0)
    let scales = try LossScales(run, batches, from: &reader)
    try self.init(
      run, snapshot, batches, try Weights(run, at: snapshot), plan, flow, nil, scales)
  }
}
