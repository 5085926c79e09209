import Npy
import Operators
import Replay
import Runs
import Tensors

/// Loss and gradient of single batches at weights that may be changed between them: what probes and
/// trials of a training are made of. Belongs to one thread.
public final class Stepper {
  /// A trainable parameter with its values and, after `gradient`, its gradient.
  public struct Slot {
    /// The parameter.
    public let parameter: Graph.Parameter
    /// The values, to be changed at will.
    public let values: UnsafeMutableBufferPointer<Float>
    /// The values that the stepper began with: those of the weights that it copied.
    public let start: UnsafeBufferPointer<Float>
  }

  /// The run, of which batches are taken.
  public let run: Run
  /// The trainable parameters that a loss depends on.
  public let slots: [Slot]
  let weights: Weights
  private let flow: GradientFlow
  private let penalties: Penalties
  private let progress: Progress
  private var executors: [Int: (executor: Executor, targets: TargetBuffers)] = [:]
  private var last: Executor?
  /// Makes dropouts drop in `gradient`; nil leaves them out.
  private var dropout: DropoutMasks?

  /// A stepper that begins with a copy of the weights at a snapshot.
  ///
  /// - Parameter progress: asked before every batch.
  /// - Throws: `RunError` when memory is short or the run cannot be replayed.
  public init(
    _ run: Run, from weights: Weights, progress: Progress = Progress()
  ) throws(RunError) {
    self.run = run
    self.progress = progress
    self.weights = try Weights(copying: weights, of: run)
    flow = GradientFlow(run)
    penalties = Penalties(run)
    var slots: [Slot] = []
    for parameter in run.graph.parameters where parameter.trainable && flow.wanted[parameter.tensor]
    {
      guard let tensor = self.weights.tensors[parameter.tensor] else { continue }
      slots.append(
        Slot(
          parameter: parameter, values: tensor.buffer, start: weights.values(of: parameter)))
    }
    self.slots = slots
  }

  /// Sets every parameter back to what the stepper began with.
  public func reset() {
    for slot in slots { for i in slot.values.indices { slot.values[i] = slot.start[i] } }
  }

  /// Moves every parameter at random by a share of its norm.
  func nudge(by share: Double, seed: UInt64) {
    var random = FixedRandom(seed: seed)
    for slot in slots {
      let square = slot.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      let size = share * (square / Double(max(1, slot.values.count))).squareRoot()
      for i in slot.values.indices { slot.values[i] += Float(size * random.normal()) }
    }
  }

  /// Makes dropouts drop in batches that a gradient is taken of, from the first number of a stream.
  func drop(seed: UInt64) {
    if let dropout { return dropout.restart(seed: seed) }
    guard let plan = try? Plan(run, rows: 1) else { return }
    dropout = DropoutMasks(run, plan, seed: seed)
  }

  /// The loss of some rows as one batch of the training, penalties included.
  ///
  /// - Throws: `RunError` when they cannot be replayed.
  public func loss(_ rows: Range<Int>) throws(RunError) -> Double {
    try evaluate(rows, .nowhere)
  }

  /// The same without the penalties.
  ///
  /// - Throws: `RunError` when they cannot be replayed.
  public func dataLoss(_ rows: Range<Int>) throws(RunError) -> Double {
    try evaluate(rows, .nowhere, penalized: false)
  }

  /// The loss of some rows as one batch, penalties included, with its gradients.
  ///
  /// - Throws: `RunError` when they cannot be replayed.
  public func gradient(_ rows: Range<Int>, penalized: Bool = true) throws(RunError) -> Double {
    try evaluate(rows, .parameters, penalized: penalized)
  }

  /// The gradient of the last batch for a slot; valid until the next one.
  public func gradient(of slot: Int) -> UnsafeMutableBufferPointer<Float> {
    last?.gradients[slots[slot].parameter.tensor]?.buffer ?? .init(start: nil, count: 0)
  }

  /// How the values of a tensor lie in memory.
  func order(of tensor: Int) -> TensorOrder { last?.orders[tensor] ?? .rows }

  /// The values of a tensor in the last batch, in that order; valid until the next one. What is
  /// neither a prediction, nor an input of a layer with weights, nor a state may have been written over.
  func value(of tensor: Int) -> UnsafeMutableBufferPointer<Float> {
    last?.values[tensor].buffer ?? .init(start: nil, count: 0)
  }

  /// The slope of the losses at what one of them predicts for some rows as one batch; empty when no
  /// parameter moves it.
  ///
  /// - Throws: `RunError` when the rows cannot be replayed.
  func slopes(_ rows: Range<Int>, at prediction: Int) throws(RunError) -> [Float] {
    _ = try evaluate(rows, .predictions, penalized: false)
    return last?.gradients[prediction].map { Array($0.buffer) } ?? []
  }

  /// How far gradients are followed.
  private enum Reach { case nowhere, predictions, parameters }

  private func evaluate(
    _ rows: Range<Int>, _ reach: Reach, penalized: Bool = true
  ) throws(RunError) -> Double {
    try progress.check()
    let (executor, targets) = try executor(rows.count)
    executor.dropout = reach == .parameters ? dropout : nil
    try executor.forward(rows)
    var total = 0.0
    for (index, term) in run.losses.enumerated() {
      total +=
        term.weight
        * (try evaluate(index, term, rows, executor, targets, backward: reach != .nowhere))
    }
    if reach == .parameters {
      try executor.backward()
      if penalized { addPenaltyGradients(executor) }
    }
    last = executor
    return penalties.isEmpty || !penalized ? total : total + penalties.value(weights)
  }

  /// The loss of some rows for predictions that no network made.
  ///
  /// - Parameter predictions: by loss, rows × the length of the prediction's rows.
  /// - Throws: `RunError` when a loss refuses them.
  func loss(_ rows: Range<Int>, predicting predictions: [[Float]]) throws(RunError) -> [Double] {
    let (executor, targets) = try executor(rows.count)
    var result: [Double] = []
    for (index, term) in run.losses.enumerated() {
      let values = executor.values[term.prediction].buffer
      for i in values.indices where predictions[index].indices.contains(i) {
        values[i] = predictions[index][i]
      }
      result.append(try evaluate(index, term, rows, executor, targets, backward: false))
    }
    return result
  }

  /// One loss of some rows for a prediction that no network made, and its slope there.
  ///
  /// - Parameter prediction: rows × the length of the prediction's rows.
  /// - Returns: an empty slope when no parameter moves the prediction.
  /// - Throws: `RunError` when the loss refuses it.
  func slope(
    _ rows: Range<Int>, of index: Int, predicting prediction: [Float]
  ) throws(RunError) -> (loss: Double, slope: [Float]) {
    try progress.check()
    let (executor, targets) = try executor(rows.count)
    let term = run.losses[index]
    let values = executor.values[term.prediction].buffer
    for i in values.indices where prediction.indices.contains(i) { values[i] = prediction[i] }
    let gradient = executor.gradients[term.prediction]
    gradient?.fill(0)
    let loss = try evaluate(index, term, rows, executor, targets, backward: true)
    let factor = term.weight != 0 ? Float(1 / term.weight) : 0
    return (loss, gradient?.buffer.map { $0 * factor } ?? [])
  }

  /// The shape of what a loss predicts, for so many rows.
  func predictionShape(_ term: Run.LossTerm, rows: Int) throws(RunError) -> Shape {
    try executor(rows).0.values[term.prediction].shape
  }

  private func addPenaltyGradients(_ executor: Executor) {
    guard !penalties.isEmpty else { return }
    for slot in slots {
      let tensor = slot.parameter.tensor
      guard let gradient = executor.gradients[tensor] else { continue }
      penalties.forEachSlope(tensor, weights) { gradient.base[$0] += Float($1) }
    }
  }

  private func evaluate(
    _ index: Int, _ term: Run.LossTerm, _ rows: Range<Int>, _ executor: Executor,
    _ targets: TargetBuffers, backward: Bool
  ) throws(RunError) -> Double {
    let batch = try targets.read(index, rows)
    let normalizer =
      term.mean
      ? try term.normalizer(
        batch, prediction: executor.values[term.prediction].shape,
        weights: term.weights.map { executor.values[$0] }) : 1
    let scale = normalizer > 0 ? 1 / normalizer : 0
    return try term.evaluate(
      batch, executor, scale: scale * term.weight, backward: backward,
      firstSample: rows.lowerBound) * scale
  }

  private func executor(_ rows: Int) throws(RunError) -> (Executor, TargetBuffers) {
    if let ready = executors[rows] { return ready }
    let plan = try Plan(run, rows: rows)
    let ready = (
      try Executor(run, plan: plan, weights: weights, flow: flow, training: true),
      try TargetBuffers(run, rows: rows)
    )
    executors[rows] = ready
    return ready
  }
}
