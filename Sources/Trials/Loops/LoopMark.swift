import Replay
import Runs

/// A snapshot of the training that plays of it pass: a loop is matched along the way, not at its end
/// alone.
struct LoopMark: Sendable {
  /// Batches that the training had seen by then.
  let batch: Int
  let snapshot: Run.Snapshot

  /// What the network was at a mark.
  struct Moment: Sendable {
    /// The relative loss on the rows to judge by; infinite when it had diverged.
    let loss: Double
    /// By slot of the stepper: the norm of its move, as a share of the norm it began with.
    let moves: [Double]
  }

  /// The most marks: at each of them a play is judged.
  private static let most = 4

  /// Marks that are spread over the batches that are played, those at either end left out.
  ///
  /// - Parameter batches: all batches of the training.
  static func all(_ run: Run, batches: Int, played: Int) -> [LoopMark] {
    let inside = run.snapshots.compactMap { snapshot -> LoopMark? in
      let (batch, overflow) = snapshot.step.multipliedReportingOverflow(
        by: run.training.accumulation ?? 1)
      guard !overflow, batch > 0, batch < batches, batch <= played else { return nil }
      return LoopMark(batch: batch, snapshot: snapshot)
    }
    let count = min(most, inside.count)
    return (0..<count).map { inside[($0 + 1) * inside.count / count - 1] }
  }
}
