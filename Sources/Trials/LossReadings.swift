import Operators
import Replay
import Runs
import Tensors

/// What other losses than a run's own say of its predictions: what a recorded loss may be, where it is
/// not the one that is replayed.
public struct LossReadings: Sendable {
  /// One other loss.
  public struct Reading: Sendable {
    /// Its kind.
    public let kind: String
    /// What the predictions lose by it, as a mean.
    public let value: Double
  }

  /// Samples that were replayed.
  public let samples: Int
  /// The run's own loss on them, without penalties.
  public let own: Double
  /// All other losses that take these predictions and targets, sorted by kind.
  public let others: [Reading]
  /// The run's own loss if (N, 1) met (N,) in it, so that every prediction is held against every
  /// target; nil where that cannot happen.
  public let broadcast: Double?

  /// The most samples.
  static let rows = 512

  /// - Returns: nil when the run has several losses, or one with two predictions or sample weights.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ run: Run, _ weights: Weights, progress: Progress = Progress()
  ) throws(RunError) {
    guard run.losses.count == 1, let term = run.losses.first, term.second == nil,
      term.sampleWeight == nil
    else { return nil }
    let part = try run.subsample(try run.affordable(Self.rows))
    let stepper = try Stepper(part, from: weights, progress: progress)
    own = try stepper.dataLoss(0..<part.samples)
    samples = part.samples
    let values = Array(stepper.value(of: term.prediction))
    let shape = try stepper.predictionShape(term, rows: part.samples)
    guard let array = part.data[term.target], values.count == shape.count else { return nil }
    let targets = try bridging(array.floats())
    do throws(TensorError) {
      let pair = try Pair(values, shape, targets, [part.samples] + array.shape.dropFirst())
      others = LossRegistry.all.filter { $0.info.kind != term.kind }.compactMap { type in
        guard let loss = try? LossRegistry.make(type.info.kind, [:]),
          let value = pair.mean(of: loss)
        else { return nil }
        return Reading(kind: type.info.kind, value: value)
      }
      broadcast = try pair.flattened().flatMap { $0.mean(of: term.loss, mixing: true) }
    } catch { throw .system(error) }
  }
}

/// Predictions and targets in memory of their own.
private struct Pair {
  private let arena: Arena
  private let prediction: Tensor
  private let target: Tensor

  init(
    _ values: [Float], _ shape: Shape, _ targets: [Float], _ dims: [Int]
  ) throws(TensorError) {
    arena = try Arena(bytes: Arena.bytes(values.count) + Arena.bytes(targets.count))
    prediction = try arena.tensor(shape)
    target = try arena.tensor(try Shape(dims))
    for (index, value) in values.enumerated() { prediction.base[index] = value }
    for (index, value) in targets.enumerated() { target.base[index] = value }
  }

  private init(_ other: Pair, _ target: Tensor) {
    (arena, prediction) = (other.arena, other.prediction)
    self.target = target
  }

  /// The same with targets that lost the axis of length 1; nil where predictions have none.
  func flattened() throws(TensorError) -> Pair? {
    let dims = prediction.shape.dims
    guard dims.count == 2, dims[1] == 1, target.count == dims[0] else { return nil }
    return Pair(self, target.reshaped(try Shape([dims[0]])))
  }

  /// The mean of a loss; nil where it does not take them, or gives nothing finite.
  ///
  /// - Parameter mixing: whether predictions of one sample meet targets of others.
  func mean(of loss: any Loss, mixing: Bool = false) -> Double? {
    guard let coupling = try? loss.coupling(prediction: prediction.shape, target: target.shape),
      coupling != .whole, (coupling == .mixed) == mixing,
      let sum = try? loss.evaluate(LossStep(prediction: prediction, target: target))
    else { return nil }
    let normalizer = loss.normalizer(prediction: prediction.shape, target: target, weights: nil)
    let value = sum / normalizer
    return withExtendedLifetime(arena) { normalizer > 0 && value.isFinite ? value : nil }
  }
}
