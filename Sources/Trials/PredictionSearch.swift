import Replay
import Runs
import Tensors

/// Looks for the predictions that cost least under a loss of which only values and slopes are known:
/// the best constant one, and the best one of each sample.
struct PredictionSearch {
  private let stepper: Stepper
  private let index: Int
  private let reach: PredictionReach
  /// One row of the best constant prediction; nil where there is no slope to follow.
  private(set) var constant: [Float]?
  /// Whether constant predictions make the loss fall for ever.
  private(set) var isEndless = false

  /// Evaluations of a search.
  private static let limit = 120
  /// A loss that is so many times below where the search began has no end.
  private static let endless = 1e6
  /// The most values of a prediction that are searched.
  private static let valueLimit = 1 << 20

  /// Finds the best constant prediction for rows that are trained on.
  ///
  /// - Throws: `RunError` when the loss refuses a prediction.
  init(_ stepper: Stepper, _ index: Int, _ data: TrialData) throws(RunError) {
    self.stepper = stepper
    self.index = index
    let rows = 0..<min(data.trained, data.chunk)
    let term = stepper.run.losses[index]
    let shape = try stepper.predictionShape(term, rows: rows.count)
    reach = PredictionReach(term, stepper.run.graph, shape.dims)
    guard !rows.isEmpty, shape.count > 0, shape.count <= Self.valueLimit else { return }
    let length = shape.count / rows.count
    // A logarithm or a root may have no slope at 0, and a probability none at 1.
    for start: Float in [0, 0.5, 1, -0.5] {
      let found = try descend(rows, from: [Float](repeating: start, count: length))
      if let found {
        constant = found.point
        isEndless = found.loss == -.infinity
        return
      }
    }
  }

  /// The lowest loss that is found for predictions of each sample by itself.
  ///
  /// - Parameter start: rows × the length of a row.
  /// - Returns: infinity where there is no slope to follow.
  /// - Throws: `RunError` when the loss refuses a prediction.
  func lowest(_ rows: Range<Int>, from start: [Float]) throws(RunError) -> Double {
    guard start.count <= Self.valueLimit else { return .infinity }
    return try descend(rows, from: start)?.loss ?? .infinity
  }

  /// Follows the slope with the steps of Barzilai and Borwein (IMA J. Numer. Anal. 8, 1988), shorter
  /// ones where the loss would rise. A start that is shorter than the rows is one row for all of them.
  private func descend(
    _ rows: Range<Int>, from start: [Float]
  ) throws(RunError) -> (loss: Double, point: [Float])? {
    var point = reach.within(start)
    guard var (loss, slope) = try evaluate(rows, point) else { return nil }
    var step = Self.size(slope) > 0 ? max(0.1, Self.size(point)) / Self.size(slope) : 0
    let bottom = -Self.endless * (1 + abs(loss))
    var idle = 0
    for _ in 0..<Self.limit where step > 0 && idle < 4 {
      let next = reach.within(zip(point, slope).map { $0 - Float(step) * $1 })
      guard let (found, there) = try evaluate(rows, next), found < loss else {
        step /= 4
        idle += step * Self.size(slope) < 1e-6 * max(1, Self.size(point)) ? 4 : 0
        continue
      }
      var (square, product) = (0.0, 0.0)
      for i in point.indices {
        let move = Double(next[i]) - Double(point[i])
        square += move * move
        product += move * (Double(there[i]) - Double(slope[i]))
      }
      idle = loss - found < 1e-6 * max(abs(loss), 1e-12) ? idle + 1 : 0
      step = product > 0 ? square / product : 2 * step
      (point, loss, slope) = (next, found, there)
      // A loss that falls for ever measures nothing.
      if loss < bottom { return (-.infinity, point) }
    }
    return (loss, point)
  }

  /// Loss and slope at a prediction; nil where they are not finite.
  private func evaluate(
    _ rows: Range<Int>, _ point: [Float]
  ) throws(RunError) -> (loss: Double, slope: [Float])? {
    guard let length = try length(rows), length > 0, !point.isEmpty else { return nil }
    let tied = point.count == length && rows.count > 1
    let whole = tied ? (0..<rows.count * length).map { point[$0 % length] } : point
    let (loss, slope) = try stepper.slope(rows, of: index, predicting: whole)
    guard loss.isFinite, slope.count == whole.count, slope.allSatisfy(\.isFinite) else {
      return nil
    }
    guard tied else { return (loss, slope) }
    var sums = [Float](repeating: 0, count: length)
    for (i, value) in slope.enumerated() { sums[i % length] += value }
    return (loss, sums)
  }

  private func length(_ rows: Range<Int>) throws(RunError) -> Int? {
    let shape = try stepper.predictionShape(stepper.run.losses[index], rows: rows.count)
    return shape.count / max(1, rows.count)
  }

  private static func size(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
