import Runs
import Tensors

/// The lanes of a replay: consecutive batches, forward and backward.
struct ReplayLanes: LanePass {
  let plan: Plan
  let weights: Weights
  let flow: GradientFlow?
  let outputs: OutputCollector?
  /// Vitals that have seen no samples.
  let nothing: ReplayVitals
  private let run: Run
  private let snapshot: Weights.Snapshot
  private let batches: Batches
  private let scales: LossScales

  /// - Parameter collect: tensors to keep; only where the lanes are done in this process.
  init(
    _ run: Run, at snapshot: Weights.Snapshot, backward: Bool, _ collect: [Int]
  ) throws(RunError) {
    let batches = try Batches(run)
    let weights = try Weights(run, at: snapshot)
    let plan = try Plan(run, rows: batches.ranges.first?.count ?? 0)
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

  static var kind: PassKind { .replay }
  var stage: String { snapshot == .current ? "replay" : "replay of the start" }
  var laneCount: Int { batches.lanes.count }
  var home: Run? { outputs == nil && run.part != nil ? run : nil }

  var reads: (names: [String], validation: Bool) {
    let inputs = run.graph.inputs.map { run.graph.tensors[$0] }
    let targets = run.losses.flatMap { [$0.target] + ($0.sampleWeight.map { [$0] } ?? []) }
    let names = Set(inputs + targets).filter { run.data[$0] != nil }
    return (names.sorted(), run.part?.onValidation ?? false)
  }

  func rows(of lane: Int) -> Range<Int> { scales.rows(of: lane) }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<ReplayVitals> {
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

  static func merge(_ all: inout ReplayVitals, _ next: consuming ReplayVitals) { all.merge(next) }

  func accepts(_ partial: ReplayVitals, of lane: Int) -> Bool {
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
