import Npy

/// What outliers of the targets weigh in the training.
public struct TailShare: Sendable {
  /// The name of the targets.
  public let target: String
  /// The outliers, in the order of the rows.
  public let outliers: Outliers
  /// The norm of the outliers' gradient, over the sum of that and the norm of all others' gradient.
  public let gradient: Double
  /// The share of the outliers in the loss.
  public let loss: Double

  static let rest = 512

  /// Takes the gradient of the outliers and of up to 512 other samples apart.
  ///
  /// - Returns: nil when there are none, or more than can be listed.
  /// - Throws: `ReplayError` when the run cannot be replayed.
  init?(
    _ run: Run, _ term: Run.LossTerm, _ outliers: Outliers, _ weights: Weights
  ) throws(ReplayError) {
    guard outliers.count > 0, outliers.count == outliers.samples.count else { return nil }
    let far = outliers.samples.map(\.row)
    let taken = Set(far)
    let step = max(1, run.samples / Self.rest)
    let near = stride(from: 0, to: run.samples, by: step).filter { !taken.contains($0) }
    guard !near.isEmpty else { return nil }
    let ends = try Self.end(run, far, weights, mean: term.mean)
    let others = try Self.end(run, near, weights, mean: term.mean)
    let size = (Double(far.count), Double(run.samples - far.count))
    let gradients = (ends.gradient * size.0, others.gradient * size.1)
    let losses = (ends.loss * size.0, others.loss * size.1)
    guard (gradients.0 + gradients.1).isFinite, (losses.0 + losses.1).isFinite,
      gradients.0 + gradients.1 > 0, losses.0 + losses.1 > 0
    else { return nil }
    target = term.target
    self.outliers = outliers
    gradient = gradients.0 / (gradients.0 + gradients.1)
    loss = losses.0 / (losses.0 + losses.1)
  }

  /// Loss and norm of the gradient a sample of some rows.
  private static func end(
    _ run: Run, _ rows: [Int], _ weights: Weights, mean: Bool
  ) throws(ReplayError) -> (loss: Double, gradient: Double) {
    var values: [String: NpyArray] = [:]
    for (name, array) in run.data { values[name] = try array.selecting(rows) }
    let stepper = try Stepper(run.replacingData(values, rows: rows.count), from: weights)
    let loss = try stepper.gradient(0..<rows.count, penalized: false)
    var square = 0.0
    for slot in stepper.slots.indices {
      square += stepper.gradient(of: slot).reduce(0) { $0 + Double($1) * Double($1) }
    }
    let share = mean ? 1 : 1 / Double(rows.count)
    return (loss * share, square.squareRoot() * share)
  }
}
