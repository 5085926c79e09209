import Npy
import Operators
import Runs
import Tensors

/// Replays lanes on one thread: one executor per batch size, kept from lane to lane.
final class ReplayWorker {
  private let run: Run
  private let batches: Batches
  private let weights: Weights
  private let flow: GradientFlow?
  /// Those of the lane at hand.
  var scales: LossScales
  private let outputs: OutputCollector?
  private let progress: Progress
  private var executors: [Int: (executor: Executor, observer: UnitObserver)] = [:]
  private var targets: [Int: TargetBuffers] = [:]
  /// By tensor: how many units the first plan counts.
  private var units: [Int: Int] = [:]

  init(
    _ run: Run, _ batches: Batches, _ weights: Weights, _ flow: GradientFlow?,
    _ scales: LossScales, _ outputs: OutputCollector?, _ progress: Progress
  ) {
    self.run = run
    self.batches = batches
    self.weights = weights
    self.flow = flow
    self.scales = scales
    self.outputs = outputs
    self.progress = progress
  }

  /// One lane from its first batch to its last.
  func replay(_ lane: Int) throws(RunError) -> ReplayVitals {
    let first = batches.ranges[batches.lanes[lane].lowerBound].count
    var vitals = ReplayVitals(run, try executor(first).0.plan, flow)
    var unflushed = 0
    var flushed = false
    for index in batches.lanes[lane] {
      if progress.isStopped { break }
      let rows = batches.ranges[index]
      let (executor, observer) = try executor(rows.count)
      try executor.forward(rows) { tensor, value in
        observer.forward(tensor, value, rows.lowerBound, &vitals)
      }
      try outputs?.store(rows, executor)
      try losses(rows, executor, &vitals)
      if flow != nil {
        try executor.backward(opening: unflushed == 0) { tensor, gradient in
          observer.backward(tensor, gradient, &vitals)
        }
      }
      unflushed += 1
      let isLast = index + 1 == batches.lanes[lane].upperBound
      if isLast && !flushed {
        leaveParameterGradients(executor, &vitals)
      } else if isLast || unflushed == Self.flushInterval || rows.count != next(index) {
        leaveParameterGradients(executor, &vitals)
        vitals.settle()
        (unflushed, flushed) = (0, true)
      }
      vitals.samples += rows.count
      progress.pulse()
    }
    return vitals
  }

  /// Batches whose gradients are summed in float32 before they go into sums in double.
  private static let flushInterval = 16

  /// Rows of the batch after one; another number of rows has an executor of its own.
  private func next(_ index: Int) -> Int {
    index + 1 < batches.ranges.count ? batches.ranges[index + 1].count : 0
  }

  private func executor(_ rows: Int) throws(RunError) -> (Executor, UnitObserver) {
    if let ready = executors[rows] { return ready }
    let plan = try Plan(run, rows: rows)
    try requireSameUnits(plan)
    let executor = try Executor(
      run, plan: plan, weights: weights, flow: flow, exposed: outputs?.collected ?? [])
    let ready = (executor, UnitObserver(run, executor))
    executors[rows] = ready
    targets[rows] = try TargetBuffers(run, rows: rows)
    return ready
  }

  /// - Throws: `RunError.node` when units of a batch of this size are not those of the others.
  private func requireSameUnits(_ plan: Plan) throws(RunError) {
    for (index, node) in run.graph.nodes.enumerated() {
      for output in node.outputs where plan.operands[output].batched {
        let found = plan.units(output)
        guard let wanted = units[output] else {
          units[output] = found
          continue
        }
        guard found != wanted else { continue }
        throw .node(
          run.graph.nodes[index].name, op: node.op,
          .shapes(
            found: "\(found) units in a batch of \(plan.rows) rows",
            expected: "\(wanted), as in batches of another size"))
      }
    }
  }

  /// Evaluates every loss on the batch and writes the gradients of the predictions.
  private func losses(
    _ rows: Range<Int>, _ executor: Executor, _ vitals: inout ReplayVitals
  ) throws(RunError) {
    guard let buffers = targets[rows.count] else { return }
    for (index, term) in run.losses.enumerated() {
      let batch = try buffers.read(index, rows)
      let scale = scales.scale(index, rows)
      let sum = try term.evaluate(
        batch, executor, scale: scale * term.weight, backward: true,
        firstSample: rows.lowerBound)
      vitals.losses[index].value += sum * scale
      let prediction = executor.values[term.prediction]
      if executor.plan.couplings[index] == .mixed, prediction.count == batch.target.count {
        let aligned = try term.evaluateAligned(batch, executor)
        let count = Double(max(1, batch.target.count))
        let share = Double(rows.count) / Double(max(1, batches.samples))
        vitals.losses[index].add(aligned: term.mean ? aligned / count * share : aligned * scale)
      }
      vitals.losses[index].classes?.observe(
        type(of: term.loss).info, prediction: prediction, target: batch.target)
    }
  }

  /// Hands the sums of the parameters' gradients over to the vitals.
  private func leaveParameterGradients(_ executor: Executor, _ vitals: inout ReplayVitals) {
    for parameter in run.graph.parameters {
      guard let gradient = executor.gradients[parameter.tensor] else { continue }
      vitals.leave(executor.pending(gradient), of: parameter.tensor)
    }
  }
}
