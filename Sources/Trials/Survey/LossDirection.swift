import Npy
import Replay
import Runs

/// Where a loss that a script wrote itself leads: toward its targets or away from them, and whether it has
/// an end. Losses of the frameworks need no such look.
public struct LossDirection: Sendable {
  /// By distance from the mean: the loss of predictions that move from the targets' mean to the targets.
  public let toward: [Double]
  /// The same of predictions that move away from them as far.
  public let away: [Double]
  /// The mean correlation of the columns of the prediction with those of the targets.
  public let agreement: Double
  /// The loss of the predictions, and of a hundred and ten thousand times as large ones.
  public let enlarged: [Double]
  /// Samples that it was measured on.
  public let samples: Int

  private static let rows = 256
  /// How far predictions move, of the distance between mean and target.
  private static let steps: [Float] = [0.1, 0.5, 0.9, 3, 10]
  private static let factors: [Float] = [1, 100, 10_000]

  /// - Returns: nil where the prediction has another shape than the targets, or either is not finite.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ sample: DistinctSample, _ index: Int, _ weights: Weights, _ progress: Progress
  ) throws(RunError) {
    let run = try sample.run.subsample(Self.rows)
    let term = run.losses[index]
    let n = run.samples
    guard let array = run.data[term.target], n >= 8 else { return nil }
    let stepper = try Stepper(run, from: weights, progress: progress)
    let targets = try bridging(array.floats())
    let width = targets.count / n
    guard width > 0, try stepper.predictionShape(term, rows: n).count == targets.count else {
      return nil
    }
    _ = try stepper.slopes(0..<n, at: term.prediction)
    let predictions = Array(stepper.value(of: term.prediction))
    guard predictions.count == targets.count, predictions.allSatisfy(\.isFinite),
      targets.allSatisfy(\.isFinite)
    else { return nil }
    func loss(_ values: [Float]) throws(RunError) -> Double {
      try stepper.slope(0..<n, of: index, predicting: values).loss
    }
    var means = [Float](repeating: 0, count: width)
    for (place, value) in targets.enumerated() { means[place % width] += value / Float(n) }
    var (toward, away, enlarged) = ([Double](), [Double](), [Double]())
    for step in Self.steps {
      let moves = targets.enumerated().map { step * ($1 - means[$0 % width]) }
      let there = try loss(moves.enumerated().map { means[$0 % width] + $1 })
      let back = try loss(moves.enumerated().map { means[$0 % width] - $1 })
      guard there.isFinite, back.isFinite else { continue }
      toward.append(there)
      away.append(back)
    }
    for factor in Self.factors { enlarged.append(try loss(predictions.map { $0 * factor })) }
    (self.toward, self.away, self.enlarged) = (toward, away, enlarged)
    agreement = Self.correlation(predictions, targets, width)
    samples = n
  }

  /// Whether moving away costs less than moving as far toward the targets, at every distance.
  public var leadsAway: Bool {
    !toward.isEmpty
      && zip(toward, away).allSatisfy { $1 < $0 }
      && zip(toward, away).contains { $0 - $1 > 0.1 * max(abs($0), abs($1)) }
  }

  /// Whether the loss falls in proportion to the size of the predictions, without an end.
  public var isEndless: Bool {
    guard enlarged.allSatisfy(\.isFinite), enlarged.count == 3, enlarged[1] < 0 else {
      return false
    }
    let (near, far) = (enlarged[1] - enlarged[0], enlarged[2] - enlarged[1])
    return near < -abs(enlarged[0]) && far < 50 * near
  }

  /// Columns that do not vary have none.
  private static func correlation(_ a: [Float], _ b: [Float], _ width: Int) -> Double {
    var found: [Double] = []
    for column in 0..<width {
      let places = stride(from: column, to: a.count, by: width)
      let (x, y) = (places.map { Double(a[$0]) }, places.map { Double(b[$0]) })
      let (mx, my) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
      var (xx, yy, xy) = (0.0, 0.0, 0.0)
      for (u, v) in zip(x, y) {
        xx += (u - mx) * (u - mx)
        yy += (v - my) * (v - my)
        xy += (u - mx) * (v - my)
      }
      if xx > 0, yy > 0 { found.append(xy / (xx * yy).squareRoot()) }
    }
    return found.isEmpty ? 0 : found.reduce(0, +) / Double(found.count)
  }
}
