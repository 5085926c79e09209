import Runs
import Synchronization

/// How far a call is, told to a callback that may also stop it. Shared by all workers of a call.
public final class Progress: Sendable {
  /// Gets the stage, the lanes done and all lanes of the stage; false stops the call.
  public typealias Callback = @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Bool

  private let callback: Callback?
  private let state = Mutex(State())
  private let stopped = Atomic(false)
  private let cancelled = Atomic(false)

  private struct State {
    var stage = ""
    var done = 0
    var total = 0
  }

  /// Progress that is told to nobody when `callback` is nil.
  public init(_ callback: Callback? = nil) { self.callback = callback }

  /// Starts a stage of so many units.
  package func begin(_ stage: String, total: Int) {
    state.withLock { $0 = State(stage: stage, done: 0, total: total) }
    stopped.store(isCancelled, ordering: .relaxed)
    tell()
  }

  /// One unit more is done.
  func advance() {
    state.withLock { $0.done += 1 }
    tell()
  }

  /// Asks all workers to take no further lane.
  func stop() { stopped.store(true, ordering: .relaxed) }

  /// Asks the callback whether to go on: in every loop that may take long, once a part.
  public func pulse() { tell() }

  /// Asks the callback too.
  ///
  /// - Throws: `RunError.cancelled` when it wants the call to stop.
  package func check() throws(RunError) {
    pulse()
    if isCancelled { throw .cancelled }
  }

  /// Another one, which asks the same callback and tells it of no stages of its own: for work beside
  /// a stage, whose failure must not stop it.
  public func beside() -> Progress {
    Progress { [self] _, _, _ in
      pulse()
      return !isCancelled
    }
  }

  /// Whether workers should take no further lane.
  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Whether the callback asked to stop.
  public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// The callback runs under the lock: never from two threads at once.
  private func tell() {
    guard let callback, !isCancelled else { return }
    state.withLock { state in
      guard callback(state.stage, state.done, state.total) else {
        cancelled.store(true, ordering: .relaxed)
        stopped.store(true, ordering: .relaxed)
        return
      }
    }
  }
}
