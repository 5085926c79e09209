import Runs

// How what a loop leaves is held against what the training left.
extension LoopSearch {
  /// Where the parameters went, beside where the training as set took them.
  func moves(_ own: LoopRecord, _ asSet: [LoopRecord]) throws(RunError) -> [LoopTrials.Move] {
    guard asSet.count > 1, asSet.allSatisfy({ $0.ways.count == own.ways.count }) else { return [] }
    let slots = try Stepper(unshuffled.run, from: before, progress: progress).slots
    return zip(slots, own.ways).enumerated().compactMap { index, pair in
      WayComparison(pair.1, asSet.map { $0.ways[index] }).map {
        LoopTrials.Move(
          parameter: pair.0.parameter.name, tensor: pair.0.parameter.tensor, cosine: $0.cosine,
          agreement: $0.agreement, ratio: $0.ratio)
      }
    }
  }

  /// Whether a loop ends decisively better than the training did, in every order; on validation data,
  /// where there are some, as well.
  static func isDecisive(_ own: LoopRecord, _ records: [LoopRecord]) -> Bool {
    records.allSatisfy { record in
      guard wins(record.end, over: own.end) else { return false }
      guard let held = record.validation, let ownHeld = own.validation else { return true }
      return held < ownHeld && (wins(held, over: ownHeld) || min(ownHeld, 1) - held >= Self.gain)
    }
  }

  static func wins(_ loss: Double, over other: Double) -> Bool {
    guard loss.isFinite else { return false }
    let gain = min(other, 1) - loss
    return loss <= Self.left * other && gain >= Self.gain
      || other >= Self.nothing && gain >= Self.something
  }

  /// A loop ends decisively better when it leaves at most so much of the loss …
  private static let left = 0.5
  /// … and takes so much of the best constant prediction's off;
  static let gain = 0.05
  /// or where the training learned nothing at all,
  private static let nothing = 0.9
  /// so much.
  private static let something = 0.15
}
