import Glibc
import Runs
import Synchronization
import Tensors

/// Runs one closure on several threads of its own and waits for all of them. oneDNN is kept to one
/// thread in each, which leaves the settings of the caller's own threads alone.
enum Workers {
  /// The number of cores, for callers that ask for no number.
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Calls `body` with the numbers 0..<count, each on its own thread.
  ///
  /// - Throws: `RunError.system` when not even one thread can be started.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws(RunError) {
    var threads: [pthread_t] = []
    for index in 0..<max(1, count) {
      var thread = pthread_t()
      let task = Unmanaged.passRetained(Task(index, body))
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let task = Unmanaged<Task>.fromOpaque(argument).takeRetainedValue()
          useOneThreadPerProduct()
          task.body(task.index)
          return nil
        }, task.toOpaque())
      guard status == 0 else {
        task.release()
        break
      }
      threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
    if threads.isEmpty { throw .system(.library("pthread_create", Int(EAGAIN))) }
  }

  private final class Task: Sendable {
    let index: Int
    let body: @Sendable (Int) -> Void

    init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.index = index
      self.body = body
    }
  }
}

/// Work on one thread of its own, in which matrix products take one thread too: for probes that are
/// not made of lanes.
package enum BackgroundWork {
  /// - Throws: what the work throws, or `RunError.system` when no thread can be started.
  package static func run<Value: Sendable>(
    _ work: @escaping @Sendable () throws(RunError) -> Value
  ) throws(RunError) -> Value {
    let outcome = Outcome<Value>()
    try Workers.run(1) { _ in outcome.keep(work) }
    guard let value = try outcome.value else {
      throw .system(.library("pthread_create", Int(EAGAIN)))
    }
    return value
  }

  /// Does two things that do not need each other, side by side where the caller allows more than one
  /// thread.
  ///
  /// - Parameter workers: how many threads the caller allows; 0 for one a core.
  /// - Throws: what the first throws, or else what the second does.
  package static func both<First: Sendable, Second: Sendable>(
    workers: Int, _ first: @escaping @Sendable () throws(RunError) -> First,
    _ second: @escaping @Sendable () throws(RunError) -> Second
  ) throws(RunError) -> (First, Second) {
    guard (workers > 0 ? workers : Workers.cores) > 1 else {
      return (try run(first), try run(second))
    }
    let (one, other) = (Outcome<First>(), Outcome<Second>())
    try Workers.run(2) { index in
      if index == 0 { one.keep(first) } else { other.keep(second) }
    }
    // A second thread that could not be started leaves its work to a later one.
    var (found, beside) = (try one.value, try other.value)
    if found == nil { found = try run(first) }
    if beside == nil { beside = try run(second) }
    guard let found, let beside else { throw .system(.library("pthread_create", Int(EAGAIN))) }
    return (found, beside)
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let state = Mutex<Result<Value, RunError>?>(nil)

    func keep(_ work: () throws(RunError) -> Value) {
      let result: Result<Value, RunError>
      do throws(RunError) { result = .success(try work()) } catch { result = .failure(error) }
      state.withLock { $0 = result }
    }

    /// nil when nothing was kept.
    var value: Value? {
      get throws(RunError) { try state.withLock { $0 }?.get() }
    }
  }
}

/// Maps lanes to partial results on several workers, and folds these in the order of the lanes: the
/// result is the same for any number of workers.
package enum Lanes {
  /// - Parameters:
  ///   - count: how many lanes.
  ///   - workers: how many threads; 0 for one a core.
  ///   - progress: told after every lane; may stop the work.
  ///   - makeWorker: called once on each thread; gives the closure that does one lane.
  ///   - merge: folds the next lane into the result of all before it.
  /// - Returns: the merged partials; nil when there are no lanes.
  /// - Throws: the first error in the order of the lanes, or `cancelled`.
  package static func map<Partial: Sendable>(
    _ count: Int, workers: Int, progress: Progress,
    _ makeWorker: @escaping @Sendable () throws(RunError) -> LaneWorker<Partial>,
    merge: @escaping @Sendable (inout Partial, consuming Partial) -> Void
  ) throws(RunError) -> Partial? {
    guard count > 0 else { return nil }
    let threads = min(count, workers > 0 ? workers : Workers.cores)
    let next = Atomic(0)
    let state = Mutex(LaneState<Partial>())
    try Workers.run(threads) { _ in
      var worker: LaneWorker<Partial>?
      while true {
        let lane = next.add(1, ordering: .relaxed).oldValue
        guard lane < count, !progress.isStopped else { return }
        let result: Result<Partial, RunError>
        do throws(RunError) {
          let current = if let worker { worker } else { try makeWorker() }
          worker = current
          var partial = try current.run(lane)
          if lane == 0 {
            try current.detach(&partial, true)
          } else if !state.withLock({ $0.isNext(lane) }) {
            try current.detach(&partial, false)
          }
          result = .success(partial)
        } catch { result = .failure(error) }
        if case .failure = result { progress.stop() }
        state.withLock { $0.put(result, at: lane, merge) }
        progress.advance()
      }
    }
    let end = state.withLock { $0 }
    if let error = end.error { throw error }
    if progress.isCancelled { throw .cancelled }
    return end.merged
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

/// Partials that wait for their turn, and what has been merged.
struct LaneState<Partial: Sendable>: Sendable {
  private(set) var merged: Partial?
  private(set) var error: RunError?
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
}
