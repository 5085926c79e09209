import Runs
import Synchronization

/// A map over lanes and a merge of what they give: how everything on all data is measured. Lanes are
/// done by several workers and merged in their order, so the result is the same for any number of
/// workers.
package protocol Pass<Partial>: Sendable {
  /// What one lane gives.
  associatedtype Partial: Sendable

  /// What it is called while it goes on.
  var stage: String { get }
  /// How many lanes it has, whoever does them.
  var laneCount: Int { get }
  /// The most threads that memory allows; all that are asked for unless a pass says otherwise.
  var threadLimit: Int { get }

  /// What does lanes on one thread.
  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<Partial>
  /// Folds the next lane into all before it.
  static func merge(_ all: inout Partial, _ next: consuming Partial)
  /// Whether a partial can be that of a lane; all are unless a pass says otherwise.
  func accepts(_ partial: Partial, of lane: Int) -> Bool
}

extension Pass {
  package var threadLimit: Int { Int.max }

  package func accepts(_ partial: Partial, of lane: Int) -> Bool { true }

  /// Does all lanes on threads of this process.
  ///
  /// - Parameters:
  ///   - workers: how many threads; 0 for one per core.
  ///   - progress: told after every lane; may stop the work.
  /// - Returns: the merged partials; nil when there are no lanes.
  /// - Throws: the first error in the order of the lanes, or `cancelled`.
  package func merged(workers: Int, progress: Progress) throws(RunError) -> Partial? {
    progress.begin(stage, total: laneCount)
    guard laneCount > 0 else { return nil }
    let threads = min(laneCount, threadLimit, workers > 0 ? workers : Workers.cores)
    let next = Atomic(0)
    let state = Mutex(LaneState<Partial>())
    try Workers.run(threads) { _ in
      var worker: LaneWorker<Partial>?
      while true {
        let lane = next.add(1, ordering: .relaxed).oldValue
        guard lane < laneCount, !progress.isStopped else { return }
        let result: Result<Partial, RunError>
        do throws(RunError) {
          let current = if let worker { worker } else { try self.worker(progress) }
          worker = current
          var partial = try current.run(lane)
          // A lane that was stopped on its way is thrown away.
          guard progress.isStopped || accepts(partial, of: lane) else {
            throw .shapes(lane, stage)
          }
          if lane == 0 {
            try current.detach(&partial, true)
          } else if !state.withLock({ $0.isNext(lane) }) {
            try current.detach(&partial, false)
          }
          result = .success(partial)
        } catch { result = .failure(error) }
        if case .failure = result { progress.stop() }
        state.withLock { $0.put(result, at: lane, Self.merge) }
        progress.advance()
      }
    }
    return try state.withLock { $0 }.end(progress)
  }
}

/// What one thread keeps between lanes.
package struct LaneWorker<Partial> {
  /// Does one lane.
  let run: (Int) throws(RunError) -> Partial
  /// Gives a partial that outlives its lane whatever it still borrows from the worker: the first one,
  /// which all others are merged into (true), or one that waits for lanes before it.
  let detach: (inout Partial, Bool) throws(RunError) -> Void

  package init(
    detach: @escaping (inout Partial, Bool) throws(RunError) -> Void = { _, _ in },
    run: @escaping (Int) throws(RunError) -> Partial
  ) {
    self.run = run
    self.detach = detach
  }
}

extension RunError {
  /// What a lane gave cannot be merged with what the others gave.
  static func shapes(_ lane: Int, _ stage: String) -> RunError {
    .shard(
      "lane \(lane) of the \(stage)", found: "measurements of other shapes", expected: "the run's")
  }
}
