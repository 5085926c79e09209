import Npy
import Operators
import Tensors

/// What the sum of a loss's terms over some rows is multiplied by, its weight aside, so that all batches of a replay
/// add up to the loss of the run's average batch, however the rows were cut.
struct LossScales: Sendable {
  private let batches: Batches
  private let terms: [Term]

  private struct Term: Sendable {
    let mean: Bool
    /// What one row adds to the normalizer of a mean; nil when that depends on the batch.
    let perRow: Double?
    /// By the run's own batch: its normalizer.
    let normalizers: [Double]
    /// For mixed batches: by the number of rows.
    let mixed: Bool
    let perPair: Double
  }

  init(
    _ run: Run, _ batches: Batches, _ plan: Plan, _ weights: Weights
  ) throws(ReplayError) {
    var terms: [Term] = []
    for (index, term) in run.losses.enumerated() {
      let coupling = plan.couplings[index]
      let prediction = plan.operands[term.prediction].shape
      let rows = Double(max(1, plan.rows))
      var perRow: Double?
      var perPair = 0.0
      var normalizers: [Double] = []
      switch coupling {
      case .none, .mixed:
        let buffers = try TargetBuffers(run, rows: plan.rows)
        let target = try buffers.read(index, 0..<plan.rows, run)
        let all = term.loss.normalizer(
          prediction: prediction, target: target,
          classWeights: term.classWeight.flatMap { weights.tensors[$0] })
        perRow = all / rows
        perPair = all / (rows * rows)
      case .weighted:
        if term.mean {
          normalizers = try Self.normalizers(run, index, batches, weights)
        }
      }
      terms.append(
        Term(
          mean: term.mean, perRow: perRow, normalizers: normalizers,
          mixed: coupling == .mixed, perPair: perPair))
    }
    self.batches = batches
    self.terms = terms
  }

  /// The factor of a loss's sum over a batch of the replay.
  func scale(_ index: Int, _ rows: Range<Int>) -> Double {
    let term = terms[index]
    let samples = Double(max(1, batches.samples))
    guard term.mean else { return Double(batches.nominal) / samples }
    if term.mixed {
      // Every row meets every row of its batch: a mean over pairs, weighted by the batch's rows.
      let count = Double(rows.count)
      return count / samples / max(1, term.perPair * count * count)
    }
    if let perRow = term.perRow {
      return 1 / (samples * max(perRow, .leastNormalMagnitude))
    }
    let batch = batches.logicalBatch(around: rows.lowerBound)
    let normalizer = term.normalizers[batch.lowerBound / max(1, batches.logical)]
    return Double(batch.count) / samples / normalizer
  }

  /// The normalizer of each of the run's own batches, from the targets alone.
  private static func normalizers(
    _ run: Run, _ index: Int, _ batches: Batches, _ weights: Weights
  ) throws(ReplayError) -> [Double] {
    let term = run.losses[index]
    let count = (batches.samples + batches.logical - 1) / max(1, batches.logical)
    var result = [Double](repeating: 0, count: count)
    var buffers: [Int: TargetBuffers] = [:]
    for rows in batches.ranges {
      if buffers[rows.count] == nil {
        buffers[rows.count] = try TargetBuffers(run, rows: rows.count)
      }
      guard let buffer = buffers[rows.count] else { continue }
      let target = try buffer.read(index, rows, run)
      let prediction = try Plan(run, rows: rows.count).operands[term.prediction].shape
      result[rows.lowerBound / max(1, batches.logical)] += term.loss.normalizer(
        prediction: prediction, target: target,
        classWeights: term.classWeight.flatMap { weights.tensors[$0] })
    }
    return result
  }
}
