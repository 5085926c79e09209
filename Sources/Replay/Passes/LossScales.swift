import Operators
import Runs
import Tensors

/// What the sum of a loss's terms over some rows is multiplied by, its weight aside, so that all
/// batches of a replay add up to the loss of the run's average batch, however the rows were cut.
struct LossScales: Sendable {
  private let batches: Batches
  let terms: [Term]

  enum Term: Sendable {
    case sum
    /// A mean to whose normalizer each row adds as much.
    case perRow(Double)
    /// A mean with a normalizer of its own for each of the run's own batches: those from `first` on.
    case perBatch(first: Int, [Double])
    /// A mean over batches whose rows meet each other: normalizers by the number of rows.
    case mixed([Int: Double])
  }

  init(_ batches: Batches, _ terms: [Term]) {
    self.batches = batches
    self.terms = terms
  }

  /// Scales without the normalizers of single batches, for which `covering` reads the targets.
  init(
    _ run: Run, _ batches: Batches, _ plan: Plan, _ weights: Weights
  ) throws(RunError) {
    let source = Source(run, weights)
    var terms: [Term] = []
    for (index, term) in run.losses.enumerated() {
      guard term.mean else {
        terms.append(.sum)
        continue
      }
      switch plan.couplings[index] {
      case .none:
        let all = try source.normalizer(index, 0..<plan.rows)
        terms.append(.perRow(all / Double(max(1, plan.rows))))
      case .mixed, .whole:
        var normalizers: [Int: Double] = [:]
        for rows in batches.ranges where normalizers[rows.count] == nil {
          normalizers[rows.count] = try source.normalizer(index, rows)
        }
        terms.append(.mixed(normalizers))
      case .weighted: terms.append(.perBatch(first: 0, []))
      }
    }
    self.init(batches, terms)
  }

  /// The rows whose targets a lane reads: its own, and where batches have normalizers of their own,
  /// the whole of these batches.
  func rows(of lane: Int) -> Range<Int> {
    let ranges = ranges(of: lane)
    guard let first = ranges.first, let last = ranges.last else { return 0..<0 }
    guard terms.contains(where: { if case .perBatch = $0 { true } else { false } }) else {
      return first.lowerBound..<last.upperBound
    }
    return batches.logicalBatch(around: first.lowerBound)
      .lowerBound..<batches.logicalBatch(
        around: last.upperBound - 1
      ).upperBound
  }

  private func ranges(of lane: Int) -> Slice<BatchRanges> { batches.ranges[batches.lanes[lane]] }

  /// The same with all normalizers that a lane needs.
  ///
  /// - Throws: `RunError` when targets cannot be read.
  func covering(_ lane: Int, _ source: Source) throws(RunError) -> LossScales {
    let rows = rows(of: lane)
    let logical = max(1, batches.logical)
    let first = rows.lowerBound / logical
    var terms = terms
    for (index, term) in terms.enumerated() {
      guard case .perBatch = term, !rows.isEmpty else { continue }
      var normalizers = [Double](repeating: 0, count: (rows.upperBound - 1) / logical - first + 1)
      for part in batches.ranges.covering(rows) {
        normalizers[part.lowerBound / logical - first] += try source.normalizer(index, part)
      }
      terms[index] = .perBatch(first: first, normalizers)
    }
    return LossScales(batches, terms)
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
    case .perBatch(let first, let normalizers):
      let batch = batches.logicalBatch(around: rows.lowerBound)
      let place = batch.lowerBound / max(1, batches.logical) - first
      guard normalizers.indices.contains(place) else { return 0 }
      return Double(batch.count) / samples / normalizers[place]
    }
  }

  /// The normalizers of losses, from their targets alone. Belongs to one thread.
  final class Source {
    private let run: Run
    private let weights: Weights
    private var ready: [Int: (buffers: TargetBuffers, plan: Plan)] = [:]

    init(_ run: Run, _ weights: Weights) {
      self.run = run
      self.weights = weights
    }

    func normalizer(_ index: Int, _ rows: Range<Int>) throws(RunError) -> Double {
      let (buffers, plan) = try prepared(rows.count)
      let term = run.losses[index]
      return try term.normalizer(
        try buffers.read(index, rows),
        prediction: plan.operands[term.prediction].shape,
        weights: term.weights.flatMap { weights.tensors[$0] })
    }

    private func prepared(_ rows: Int) throws(RunError) -> (TargetBuffers, Plan) {
      if let found = ready[rows] { return found }
      let made = (try TargetBuffers(run, rows: rows), try Plan(run, rows: rows))
      ready[rows] = made
      return made
    }
  }
}

extension LossScales {
  func write(to writer: inout ByteWriter) {
    writer.put(terms.count)
    for term in terms {
      switch term {
      case .sum: writer.put(word: UInt8(0))
      case .perRow(let share):
        writer.put(word: UInt8(1))
        writer.put(share)
      case .mixed(let normalizers):
        writer.put(word: UInt8(2))
        let rows = normalizers.keys.sorted()
        writer.put(rows)
        writer.put(rows.map { normalizers[$0] ?? 1 })
      case .perBatch: writer.put(word: UInt8(3))
      }
    }
  }

  init(_ run: Run, _ batches: Batches, from reader: inout ByteReader) throws(RunError) {
    let count = try reader.count()
    guard count == run.losses.count else {
      throw .shard("losses of the pass", found: "\(count)", expected: "\(run.losses.count)")
    }
    var terms: [Term] = []
    for _ in 0..<count {
      switch try reader.word(UInt8.self) {
      case 0: terms.append(.sum)
      case 1: terms.append(.perRow(try reader.value()))
      case 2:
        let rows = try reader.value([Int].self)
        let values: [Double] = try reader.values(rows.count)
        terms.append(.mixed(Dictionary(zip(rows, values), uniquingKeysWith: { first, _ in first })))
      case 3: terms.append(.perBatch(first: 0, []))
      case let tag:
        throw .shard("a loss of the pass", found: "scale \(tag)", expected: "0 to 3")
      }
    }
    self.init(batches, terms)
  }
}
