import Runs

/// Partials that wait for their turn, and what has been merged.
struct LaneState<Partial: Sendable>: Sendable {
  private var merged: Partial?
  private var error: RunError?
  private var waiting: [Int: Partial] = [:]
  private var failedLane = Int.max
  private var turn = 0

  /// Whether a lane would be merged at once.
  func isNext(_ lane: Int) -> Bool { lane == turn }

  mutating func put(
    _ result: Result<Partial, RunError>, at lane: Int,
    _ merge: (inout Partial, consuming Partial) -> Void
  ) {
    switch result {
    case .failure(let found):
      if lane < failedLane { (failedLane, error) = (lane, found) }
    case .success(let partial):
      waiting[lane] = partial
      while let ready = waiting.removeValue(forKey: turn) {
        turn += 1
        if var all = merged.take() {
          merge(&all, ready)
          merged = all
        } else {
          merged = ready
        }
      }
    }
  }

  /// What all lanes gave together.
  ///
  /// - Throws: the first error in the order of the lanes, or `cancelled`.
  func end(_ progress: Progress) throws(RunError) -> Partial? {
    if let error { throw error }
    if progress.isCancelled { throw .cancelled }
    return merged
  }
}
