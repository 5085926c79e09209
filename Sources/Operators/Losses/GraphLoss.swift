import Synchronization
import Tensors

/// A loss that a script wrote itself: the sum of the elements that a graph of operators computes from
/// the prediction, the targets and what else it takes. Under reduction "mean" it is divided by their
/// number, which is 1 where the graph gives the loss itself.
///
/// It is not in the registry: no settings make one, but the graph that `RunReader` reads.
public final class GraphLoss: Sendable {
  /// What it computes.
  public let graph: LossGraph
  /// Executors that no thread uses.
  private let idle = Mutex<[Idle]>([])

  private struct Idle: @unchecked Sendable { let executor: LossExecutor }

  /// Idle executors beyond this are let go.
  private static let idleLimit = 16

  /// The loss of a graph.
  public init(_ graph: LossGraph) { self.graph = graph }

  private func plan(
    _ prediction: Shape, _ target: Shape, _ others: [Shape]
  ) throws(OperatorError) -> LossPlan {
    try LossPlan(graph, [prediction, target] + others)
  }

  /// The shape of each tensor of the graph, for inputs of these shapes.
  ///
  /// - Throws: `OperatorError.node` when they do not fit.
  public func shapes(_ inputs: [Shape]) throws(OperatorError) -> [Shape] {
    try LossPlan(graph, inputs).operands.map(\.shape)
  }

  /// An executor for these shapes, for one evaluation.
  private func take(_ shapes: [Shape]) throws(OperatorError) -> LossExecutor {
    let found = idle.withLock { idle in
      idle.lastIndex { $0.executor.shapes == shapes }.map { idle.remove(at: $0) }
    }
    if let found { return found.executor }
    return try LossExecutor(graph, shapes)
  }

  private func leave(_ executor: LossExecutor) {
    let idle = Idle(executor: executor)
    self.idle.withLock {
      if $0.count >= Self.idleLimit { $0.removeFirst() }
      $0.append(idle)
    }
  }
}

extension GraphLoss: Loss {
  /// The kind in run.json; of its head and its targets nothing is known.
  public static let info = LossInfo(
    kind: "custom", summary: "A loss that a script wrote itself, as a graph of operators.",
    formula: "its own", head: .unknown, targets: .unknown, samples: [])

  /// Throws: a graph is no setting.
  public convenience init(_ settings: Attributes) throws(OperatorError) {
    throw .attribute("graph", found: "nothing", expected: "the nodes of the loss")
  }

  /// That of a loss which takes nothing but prediction and targets.
  public func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    try coupling(prediction: prediction, target: target, others: [])
  }

  /// Whether the graph keeps the samples apart, holds each against all targets, or mixes them.
  public func coupling(
    prediction: Shape, target: Shape, others: [Shape]
  ) throws(OperatorError) -> LossCoupling {
    let plan = try plan(prediction, target, others)
    let output = plan.operands[graph.output]
    let perSample = output.shape.rank > 0 && prediction.rank > 0 && output.shape[0] == prediction[0]
    if plan.keepsSamples, perSample, output.batched { return .none }
    guard others.isEmpty || output.shape.count == 1 else {
      throw .shapes(
        found: "a loss of \(output.shape) on several predictions", expected: "one number")
    }
    // (N, 1) against (N,): in the same shape they would not make N × N pairs.
    if prediction != target, prediction.count == target.count, others.isEmpty,
      let aligned = try? self.plan(prediction, prediction, []), aligned.largest < plan.largest
    {
      return .mixed
    }
    return .whole
  }

  /// The number of elements that the graph gives.
  public func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double {
    guard graph.inputs.count == 2, let plan = try? plan(prediction, target.shape, []) else {
      return 1
    }
    return Double(plan.operands[graph.output].shape.count)
  }

  /// The sum of the elements.
  public func evaluate(_ step: LossStep) throws(OperatorError) -> Double {
    let inputs = [step.prediction, step.target] + step.others.map(\.value)
    let executor = try take(inputs.map(\.shape))
    let total = try executor.forward(inputs)
    let gradients = [step.gradient, nil] + step.others.map(\.gradient)
    if gradients.contains(where: { $0 != nil }) {
      try executor.backward(scale: step.scale)
      let adding = [step.adding, false] + step.others.map(\.adding)
      for (index, gradient) in gradients.enumerated() {
        if let gradient { executor.give(index, to: gradient, adding: adding[index]) }
      }
    }
    leave(executor)
    return total
  }
}
