import Npy
import Replay
import Runs

/// A training with some changes made, on its rows in one order.
struct CureVariant: Sendable {
  /// The run as changed, on the rows of `data`.
  let data: TrialData
  /// What was taken out of arrays that are standardized.
  let scales: [String: Scales]
  /// Whether the weights that it begins with are drawn anew.
  let isFresh: Bool
  /// Updates.
  let steps: Int
  let schedule: Schedule?
  /// The run.json with the changes.
  let document: JSONValue
  /// By path, the parameters that the changes make or give another shape.
  let arrays: [String: NpyArray]

  /// - Parameter order: of the rows, where the training shuffles.
  /// - Throws: `RunError` when a change does not fit the run.
  init(_ changes: [Change], _ search: CureSearch, order: Int) throws(RunError) {
    guard var document = search.run.origin?.document else {
      throw .run("the run", found: "derived from another", expected: "one that was opened")
    }
    for change in changes { change.edit(&document, search.run) }
    let arrays = try Growth.arrays(of: changes, search.run, document)
    let edited = try search.run.reading(document, with: arrays)
    var rows = Array(0..<search.data.trained)
    if changes.contains(.withoutOutliers) { rows = try Self.withoutOutliers(search.data) }
    if changes.contains(.balanced) { rows = try Self.balanced(rows, search.data) }
    if edited.training.shuffle ?? true {
      var random = FixedRandom(seed: 41 + UInt64(order))
      let turn = random.permutation(rows.count)
      rows = turn.map { rows[$0] }
    }
    if search.data.batch >= rows.count { rows = Self.redrawn(rows, order) }
    let judged = search.data.isHeldOut ? Array(search.data.judged) : []
    let chosen = try search.data.run.selecting(rows + judged)
    var run = edited.replacingData(chosen.data, rows: rows.count + judged.count)
    for case .reshapedTargets(let names) in changes {
      run = run.squeezing(Self.shapes(names, run, search.plan))
    }
    var data = search.data.on(run, trained: rows.count)
    var scales: [String: Scales] = [:]
    for change in changes {
      switch change {
      case .scaledInputs(let names), .scaledTargets(let names):
        for name in names { scales[name] = try Self.scales(name, data) }
      default: break
      }
    }
    if !scales.isEmpty { data = data.on(try Self.scaled(run, scales), trained: rows.count) }
    self.data = data
    self.scales = scales
    self.document = document
    self.arrays = arrays
    isFresh = !arrays.isEmpty || changes.contains(.freshWeights) || !search.knowsStart
    let longer = changes.compactMap { if case .updates(let factor) = $0 { factor } else { nil } }
    steps = search.steps * (longer.first ?? 1)
    schedule = Self.schedule(changes, search, edited)
  }

  /// Rows of a training that takes all of them at once, drawn again from themselves (Efron's bootstrap):
  /// no two orders have the same, so that what only these very rows bring about is seen to be chance.
  private static func redrawn(_ rows: [Int], _ order: Int) -> [Int] {
    guard order > 0, rows.count >= fewestToRedraw else { return rows }
    var random = FixedRandom(seed: 61 + UInt64(order))
    return rows.map { _ in rows[min(rows.count - 1, Int(random.uniform() * Double(rows.count)))] }
  }

  private static let fewestToRedraw = 20

  /// The schedule of the run, with all rates changed as the first one is.
  private static func schedule(_ changes: [Change], _ search: CureSearch, _ edited: Run)
    -> Schedule?
  {
    guard let schedule = search.schedule, !changes.contains(.unscheduled) else { return nil }
    for change in changes {
      switch change {
      case .optimizer: return nil
      case .learningRate(let factor):
        return Schedule(
          updates: schedule.updates, rates: schedule.rates.map { $0 * factor },
          isLinear: schedule.isLinear)
      default: continue
      }
    }
    return schedule
  }

  private static func shapes(_ names: [String], _ run: Run, _ plan: Plan) -> [String: [Int]] {
    var shapes: [String: [Int]] = [:]
    for term in run.losses where names.contains(term.target) {
      shapes[term.target] = [run.samples] + plan.operands[term.prediction].shape.dims.dropFirst()
    }
    return shapes
  }

  /// Mean and deviation of the rows to train on: by column for tables, at once for images and sequences.
  private static func scales(_ name: String, _ data: TrialData) throws(RunError) -> Scales? {
    guard let array = data.run.data[name] else { return nil }
    let block = try FloatBlock(reading: array)
    let width = array.shape.count > 2 ? 1 : max(1, array.rowLength)
    let rows = array.shape.count > 2 ? data.trained * array.rowLength : data.trained
    return Scales(
      columns: (0..<width).map { TrialData.scale(block.buffer, $0, width, rows) })
  }

  private static func scaled(_ run: Run, _ scales: [String: Scales]) throws(RunError) -> Run {
    var values: [String: NpyArray] = [:]
    for name in scales.keys.sorted() {
      guard let array = run.data[name], let own = scales[name] else { continue }
      let block = try FloatBlock(reading: array)
      own.apply(block.buffer)
      values[name] = try block.array(array.shape, name: name)
    }
    return run.replacingData(values, rows: run.samples)
  }

  /// Rows without a value far beyond the others of its column.
  private static func withoutOutliers(_ data: TrialData) throws(RunError) -> [Int] {
    var kept = [Bool](repeating: true, count: data.trained)
    let names = data.run.graph.inputs.map { data.run.graph.tensors[$0] }
    for name in names + data.run.losses.map(\.target) {
      guard let array = data.run.data[name] else { continue }
      let block = try FloatBlock(reading: array)
      let width = max(1, array.rowLength)
      let bounds = TaskScore.bounds(Array(block.buffer.prefix(data.trained * width)), width)
      for row in kept.indices {
        for column in 0..<width
        where !bounds[bounds.count == 1 ? 0 : column].contains(block.buffer[row * width + column]) {
          kept[row] = false
        }
      }
    }
    let rows = kept.indices.filter { kept[$0] }
    return rows.count * 2 > data.trained ? rows : Array(kept.indices)
  }

  /// Rows of rare classes again and again, up to as many as the most frequent has.
  private static func balanced(_ rows: [Int], _ data: TrialData) throws(RunError) -> [Int] {
    guard let term = data.run.losses.first, let array = data.run.data[term.target] else {
      return rows
    }
    let block = try FloatBlock(reading: array)
    let width = max(1, array.rowLength)
    let groups = Dictionary(grouping: rows) { row in
      Array(block.buffer[(row * width)..<((row + 1) * width)])
    }
    let largest = groups.values.map(\.count).max() ?? 0
    guard groups.count > 1, groups.count * largest <= balancedLimit * rows.count else {
      return rows
    }
    let repeated = groups.values.flatMap { own in (0..<largest).map { own[$0 % own.count] } }
    return repeated.sorted()
  }

  private static let balancedLimit = 16
}
