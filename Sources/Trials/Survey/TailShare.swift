import Npy
import Replay
import Runs

/// What a few samples with errors far outside of the others' weigh in the training.
public struct TailShare: Sendable {
  /// The name of the targets.
  public let target: String
  /// The samples, in the order of the rows.
  public let samples: [Int]
  /// By sample: how many robust deviations its slope lies from the median slope.
  public let scores: [Double]
  /// The norm of these samples' gradient, over the sum of that and the norm of all others' gradient.
  public let gradient: Double
  /// Their share of the loss.
  public let loss: Double

  /// Robust deviations beyond which a slope is far outside.
  public static let limit = 10.0
  /// The most samples that are screened at.
  static let rows = 1 << 14
  /// The most that may lie far outside.
  static let most = 64
  /// Other samples whose gradient is taken.
  static let rest = 512
  private static let chunk = 256

  /// Looks at the slope of the loss at each sample's prediction, which is in proportion to the error
  /// under squared error and the same for all under the absolute one, and takes the gradient of the
  /// samples far outside and of up to 512 others apart.
  ///
  /// - Returns: nil when there are none, too many, or fewer than 20 samples.
  /// - Throws: `RunError` when the run cannot be replayed.
  init?(
    _ run: Run, _ term: Run.LossTerm, _ weights: Weights, _ progress: Progress
  ) throws(RunError) {
    guard run.samples >= 20 else { return nil }
    let rows = run.strata(Self.rows)
    let slopes = try Self.slopes(
      rows.count == run.samples ? run : run.selecting(rows), term, weights, progress)
    let width = slopes.count / rows.count
    guard width > 0, slopes.count == width * rows.count, slopes.allSatisfy(\.isFinite) else {
      return nil
    }
    var worst = [Double](repeating: 0, count: rows.count)
    for column in 0..<width {
      let own = rows.indices.map { Double(slopes[$0 * width + column]) }
      let median = Self.median(own)
      let deviation = 1.4826 * Self.median(own.map { abs($0 - median) })
      guard deviation > 0 else { continue }
      for row in rows.indices { worst[row] = max(worst[row], abs(own[row] - median) / deviation) }
    }
    let far = rows.indices.filter { worst[$0] > Self.limit }
    guard !far.isEmpty, far.count <= Self.most else { return nil }
    let step = max(1, rows.count / (try run.affordable(Self.rest)))
    let near = stride(from: 0, to: rows.count, by: step).filter { worst[$0] <= Self.limit }
    guard !near.isEmpty else { return nil }
    let ends = try Self.end(run.selecting(far.map { rows[$0] }), weights, mean: term.mean, progress)
    let others = try Self.end(
      run.selecting(near.map { rows[$0] }), weights, mean: term.mean, progress)
    let size = (Double(far.count), Double(rows.count - far.count))
    let gradients = (ends.gradient * size.0, others.gradient * size.1)
    let losses = (ends.loss * size.0, others.loss * size.1)
    guard (gradients.0 + gradients.1).isFinite, (losses.0 + losses.1).isFinite,
      gradients.0 + gradients.1 > 0, losses.0 + losses.1 > 0
    else { return nil }
    target = term.target
    samples = far.map { rows[$0] }
    scores = far.map { worst[$0] }
    gradient = gradients.0 / (gradients.0 + gradients.1)
    loss = losses.0 / (losses.0 + losses.1)
  }

  /// The slope of the loss at the prediction, row by row, each as if it were one of a batch.
  private static func slopes(
    _ run: Run, _ term: Run.LossTerm, _ weights: Weights, _ progress: Progress
  ) throws(RunError) -> [Float] {
    let stepper = try Stepper(run, from: weights, progress: progress)
    var result: [Float] = []
    let chunk = try run.affordableAtOnce(Self.chunk)
    let parts = (run.samples + chunk - 1) / chunk
    for part in 0..<parts {
      let rows = (run.samples * part / parts)..<(run.samples * (part + 1) / parts)
      // A mean over fewer rows has larger slopes.
      let scale = term.mean ? Float(rows.count) : 1
      result += try stepper.slopes(rows, at: term.prediction).map { $0 * scale }
    }
    return result
  }

  /// Loss and norm of the gradient a sample.
  private static func end(
    _ run: Run, _ weights: Weights, mean: Bool, _ progress: Progress
  ) throws(RunError) -> (loss: Double, gradient: Double) {
    let stepper = try Stepper(run, from: weights, progress: progress)
    let loss = try stepper.gradient(0..<run.samples, penalized: false)
    var square = 0.0
    for slot in stepper.slots.indices {
      square += stepper.gradient(of: slot).reduce(0) { $0 + Double($1) * Double($1) }
    }
    let share = mean ? 1 : 1 / Double(run.samples)
    return (loss * share, square.squareRoot() * share)
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }
}
