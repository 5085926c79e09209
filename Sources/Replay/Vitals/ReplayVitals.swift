import Operators
import Runs
import Tensors

/// The merged measurements of one replay over all samples.
public struct ReplayVitals: Sendable {
  /// By tensor: its units forward; nil for parameters and what does not depend on the data.
  public internal(set) var activations: [UnitMoments?]
  /// By tensor: its units backward; nil where no gradient is asked for.
  public internal(set) var gradients: [GradientMoments?]
  /// By tensor: the gradient of the loss for a trainable parameter, in its own shape; nil for
  /// others, and for parameters that no loss depends on.
  public internal(set) var parameterGradients: [[Double]?]
  /// By tensor: sums in float32 that are not in `parameterGradients` yet. They belong to the executor
  /// of a lane, until that begins another one.
  var pending: [PendingGradient?]
  /// By loss.
  public internal(set) var losses: [LossVitals]
  /// Samples replayed.
  public internal(set) var samples = 0

  /// The penalties of the training at the replayed weights.
  public internal(set) var penalty = 0.0
  /// By tensor: the gradient of the penalties for a trainable parameter that has some.
  private var penaltyGradients: [Int: [Double]] = [:]

  /// The weighted sum of all losses: of the run's average batch (docs/run-format.md).
  public var dataLoss: Double { losses.reduce(0) { $0 + $1.weight * $1.value } }

  /// The total that the training saw: the losses and the penalties.
  public var loss: Double { dataLoss + penalty }

  /// The gradient of the penalties for a trainable parameter, which `parameterGradients` leaves
  /// out; nil when it has no penalty.
  public func penaltyGradient(_ parameter: Graph.Parameter) -> [Double]? {
    penaltyGradients[parameter.tensor]
  }

  /// Measures the penalties, once all samples are merged.
  mutating func addPenalties(_ run: Run, _ weights: Weights, gradients wanted: Bool) {
    let penalties = Penalties(run)
    penalty = penalties.value(weights)
    for parameter in run.graph.parameters where parameter.trainable && wanted {
      var slopes = [Double](repeating: 0, count: parameter.array.count)
      if penalties.forEachSlope(parameter.tensor, weights, { slopes[$0] = $1 }) {
        penaltyGradients[parameter.tensor] = slopes
      }
    }
  }

  /// Ends a measurement: every gradient is in double, and zero where nothing was seen.
  mutating func close(_ run: Run) {
    settle()
    for parameter in run.graph.parameters where parameterGradients[parameter.tensor] == [] {
      parameterGradients[parameter.tensor] = .init(repeating: 0, count: parameter.array.count)
    }
  }

  /// Nothing seen of a run's tensors.
  init(_ run: Run, _ plan: Plan, _ flow: GradientFlow?) {
    let tensors = run.graph.tensors.indices
    let parameters = Set(run.graph.parameters.map(\.tensor))
    activations = tensors.map { tensor in
      let operand = plan.operands[tensor]
      guard operand.batched else { return nil }
      return UnitMoments(units: UnitLayout(operand.shape, axis: plan.unitAxes[tensor]).units)
    }
    gradients = tensors.map { tensor in
      guard let flow, flow.wanted[tensor], !parameters.contains(tensor) else { return nil }
      let operand = plan.operands[tensor]
      return GradientMoments(units: UnitLayout(operand.shape, axis: plan.unitAxes[tensor]).units)
    }
    parameterGradients = tensors.map { tensor in
      guard let flow, flow.wanted[tensor], parameters.contains(tensor) else { return nil }
      // No memory before there is something to add: a lane of few batches needs none.
      return []
    }
    pending = tensors.map { _ in nil }
    losses = run.losses.map { term in
      var vitals = LossVitals(weight: term.weight)
      // Labels that follow the batch, as in contrastive losses, are none of the data.
      if plan.batchAxes[term.prediction] == [0] {
        vitals.classes = ClassCounts(
          type(of: term.loss).info, prediction: plan.operands[term.prediction].shape)
      }
      return vitals
    }
  }

  /// Adds what was seen in later samples.
  mutating func merge(_ other: ReplayVitals) {
    for tensor in activations.indices {
      if let more = other.activations[tensor] { activations[tensor]?.merge(more) }
      if let more = other.gradients[tensor] { gradients[tensor]?.merge(more) }
    }
    mergeGradients(other)
    for index in losses.indices { losses[index].merge(other.losses[index]) }
    samples += other.samples
  }
}
