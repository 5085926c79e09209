import Operators
import Tensors

/// What the sum of a loss's terms over some rows is multiplied by, its weight aside, so that all
/// batches of a replay add up to the loss of the run's average batch, however the rows were cut.
struct LossScales: Sendable {
  private let batches: Batches
  private let terms: [Term]

  private enum Term: Sendable {
    case sum
    /// A mean to whose normalizer each row adds as much.
    case perRow(Double)
    /// A mean with a normalizer of its own for each of the run's own batches.
    case perBatch([Double])
    /// A mean over batches whose rows meet each other: normalizers by the number of rows.
    case mixed([Int: Double])
  }

  init(
    _ run: Run, _ batches: Batches, _ plan: Plan, _ weights: Weights
  ) throws(ReplayError) {
    var terms: [Term] = []
    for (index, term) in run.losses.enumerated() {
      guard term.mean else {
        terms.append(.sum)
        continue
      }
      let source = Source(run, index, weights)
      switch plan.couplings[index] {
      case .none:
        let all = try source.normalizer(0..<plan.rows)
        terms.append(.perRow(all / Double(max(1, plan.rows))))
      case .mixed:
        var normalizers: [Int: Double] = [:]
        for rows in batches.ranges where normalizers[rows.count] == nil {
          normalizers[rows.count] = try source.normalizer(rows)
        }
        terms.append(.mixed(normalizers))
      case .weighted:
        let logical = max(1, batches.logical)
        let count = (batches.samples + logical - 1) / logical
        var normalizers = [Double](repeating: 0, count: count)
        for rows in batches.ranges {
          normalizers[rows.lowerBound / logical] += try source.normalizer(rows)
        }
        terms.append(.perBatch(normalizers))
      }
    }
    self.batches = batches
    self.terms = terms
  }

  /// The factor of a loss's sum over a batch of the replay.
  func scale(_ index: Int, _ rows: Range<Int>) -> Double {
    let samples = Double(max(1, batches.samples))
    switch terms[index] {
    case .sum: return Double(batches.nominal) / samples
    case .perRow(let share): return 1 / (samples * max(share, .leastNormalMagnitude))
    case .mixed(let normalizers):
      // A mean over pairs, weighted by the batch's rows.
      return Double(rows.count) / samples / max(1, normalizers[rows.count] ?? 1)
    case .perBatch(let normalizers):
      let batch = batches.logicalBatch(around: rows.lowerBound)
      return Double(batch.count) / samples
        / normalizers[batch.lowerBound / max(1, batches.logical)]
    }
  }

  /// The normalizers of one loss, from its targets alone.
  private final class Source {
    private let run: Run
    private let index: Int
    private let weights: Tensor?
    private var ready: [Int: (buffers: TargetBuffers, prediction: Shape)] = [:]

    init(_ run: Run, _ index: Int, _ weights: Weights) {
      self.run = run
      self.index = index
      self.weights = run.losses[index].weights.flatMap { weights.tensors[$0] }
    }

    func normalizer(_ rows: Range<Int>) throws(ReplayError) -> Double {
      let (buffers, prediction) = try prepared(rows.count)
      return try run.losses[index].normalizer(
        try buffers.read(index, rows, run), prediction: prediction, weights: weights)
    }

    private func prepared(_ rows: Int) throws(ReplayError) -> (TargetBuffers, Shape) {
      if let found = ready[rows] { return found }
      let plan = try Plan(run, rows: rows)
      let made = (
        try TargetBuffers(run, rows: rows), plan.operands[run.losses[index].prediction].shape
      )
      ready[rows] = made
      return made
    }
  }
}
