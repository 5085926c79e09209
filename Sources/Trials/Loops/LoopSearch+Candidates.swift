import Glibc
import Runs

// Which loops are played beside the training as it was set.
extension LoopSearch {
  /// The few loops that are nearest so far, at most two of a kind.
  func nearest(
    _ all: [Loop: [LoopRecord]], _ distance: ([LoopRecord]) -> Double
  ) -> [Loop] {
    let ranked = all.filter { $0.key != .asSet }.map { (loop: $0.key, value: distance($0.value)) }
      .sorted { ($0.value, "\($0.loop)") < ($1.value, "\($1.loop)") }
    var result: [Loop] = []
    for entry in ranked where result.count < Self.looks {
      if result.filter({ $0.kind == entry.loop.kind }).count < 2 { result.append(entry.loop) }
    }
    return result
  }

  static let looks = 4
  /// By how much weaker and stronger a loop is tried, after a first look with strengths 3 apart.
  static let refinements = [1.8, 1.34, 1.16]

  /// All loops that are tried, with strengths about 3 apart.
  func candidates(_ own: LoopRecord, _ asSet: [LoopRecord]) -> [Loop] {
    let perEpoch = unshuffled.batches.count
    var result: [Loop] = [.accumulated(clearedEvery: nil)]
    if shuffles { result.append(.unshuffled) }
    let periods = Set([2, 5, 10, perEpoch]).filter { $0 > 1 && $0 < played }
    result += periods.sorted().map { .accumulated(clearedEvery: $0) }
    result += [2, 4, 8].filter { $0 * Self.fewest <= played }.map { .averaged($0) }
    if !rateStands {
      result += [0.01, 0.03, 0.1, 0.3].map { .decayed(.exponential(share: $0)) }
      result += [.decayed(.linear), .decayed(.cosine), .decayed(.warmUp(share: 0.3))]
    }
    if !unmoved.isEmpty { result.append(.partial) }
    if let rateFell { result.append(.decayed(.down(to: rateFell))) }
    if let norm = asSet.first?.gradientNorm, norm > 0 {
      let strengths = [0.3, 0.1, 0.03, 0.01, 0.003, 0.001] + faint(own, asSet)
      result += strengths.map { .clipped(norm: norm * $0) }
      // What every element would be if all were alike.
      result += strengths.map { .clippedElements(to: norm / elements.squareRoot() * $0) }
    }
    result.append(.scaled(-1))
    // Others divide by the size of their gradients.
    if isPlain { result += [0.01, 0.03, 0.1, 0.3].map { .scaled($0) } }
    // A sum in place of a mean, and a mean that is taken twice.
    if rows > 1 { result += [.scaled(1 / rows), .scaled(rows)] }
    return result
  }

  /// Much weaker clips, by how much less far the training got than its settings lead.
  private func faint(_ own: LoopRecord, _ asSet: [LoopRecord]) -> [Double] {
    guard let most = own.moves.max(), let usual = asSet.first?.moves.max(), most > 0,
      usual.isFinite, most < 1e-3 * usual
    else { return [] }
    return [3, 1, 0.3, 0.1, 0.03].map { $0 * most / usual }
  }

  /// Where the settings explain the end, plays the training without what they hold back.
  func lift(
    _ own: LoopRecord, _ asSet: [LoopRecord], _ all: inout [Loop: [LoopRecord]]
  ) throws(RunError) {
    var loops: [Loop] = []
    if falls { loops.append(.unscheduled) }
    if isClipped { loops.append(.unclipped) }
    loops += openings
    for loop in loops where isWhole && own.end > Self.gain {
      let orders = 0..<(shuffles || drops ? Self.orderCount : 1)
      all[loop] = try play(orders.map { (loop, $0) })
    }
  }

  /// Where the weights moved much farther than the rate that the optimizer stands at allows, plays the
  /// training with larger ones: the rate must have fallen.
  func hasten(
    _ own: LoopRecord, _ asSet: [LoopRecord], _ all: inout [Loop: [LoopRecord]]
  ) throws(RunError) {
    guard schedule == nil, rateFell == nil, let first = asSet.first,
      let most = own.moves.max(), most.isFinite,
      zip(own.moves, first.moves).allSatisfy({ $1 <= Self.standing * max($0, most * 1e-3) })
    else { return }
    let usual = 0.1 / max(firstRate, .leastNormalMagnitude)
    let loops = (1...12).map { pow(10, Double($0)) }.filter { $0 <= usual }.map(Loop.faster)
    let plays = loops.flatMap { loop in
      (0..<(shuffles || drops ? Self.orderCount : 1)).map { (loop, $0) }
    }
    for (plan, record) in zip(plays, try play(plays)) { all[plan.0, default: []].append(record) }
  }

  /// A loop moved the weights much less where it moved them by at most so large a share.
  private static let standing = 0.1

  /// What more of a run could be trained than is.
  static func openings(_ run: Run) -> [Loop] {
    var loops: [Loop] = []
    if run.graph.parameters.contains(where: \.isFrozen) { loops.append(.thawed) }
    if run.graph.nodes.contains(where: { $0.kind.states(.stopsGradients) }) {
      loops.append(.unstopped)
    }
    if run.training.optimizer?.missing.isEmpty == false { loops.append(.complete) }
    return loops
  }
}
