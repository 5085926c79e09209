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
  /// - Parameter workers: how many threads the caller allows; 0 for one per core.
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
