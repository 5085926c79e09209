import CEngine
import Glibc
import Replay
import Runs
import Synchronization

/// Lets the calling thread, and no other, talk to the caller's progress callback and executor.
///
/// The work runs on a thread of its own; the calling one waits for it, and now and then tells how
/// far it is. So a callback needs no lock, and an interpreter whose signals arrive only in its own
/// thread gets a chance to notice them.
enum CallingThread {
  /// How long the calling thread sleeps between two looks at the work.
  private static let pause = 50_000_000

  /// Does some work, with the caller's callback told of it.
  ///
  /// The callback is called at least once. When it asks to stop, the work is stopped, and the call
  /// has failed with `DEFIB_CANCELLED` even if the work happened to be over.
  static func run<Value: Sendable>(
    _ options: Options, stage: String = "preparation",
    _ work: @escaping @Sendable (Progress, (any LaneExecutor)?) -> Result<Value, Failure>
  ) throws(Failure) -> Value {
    guard options.progress != nil || options.executor != nil else {
      return try work(Progress(), nil).get()
    }
    let monitor = Monitor<Value>(stage: stage)
    let executor = options.executor == nil ? nil : monitor
    try start { monitor.finish(work(Progress { monitor.note($0, $1, $2) }, executor)) }
    var wanted = true
    while true {
      let (state, request, result) = monitor.wait(nanoseconds: pause)
      if wanted, let callback = options.progress {
        wanted = state.stage.withCString {
          callback(options.context, $0, UInt64(state.done), UInt64(state.total)) == 0
        }
      }
      if let request {
        wanted = wanted && ShardRequest.ask(options.executor, options.executorContext, request)
        monitor.answer(wanted)
      }
      if !wanted { monitor.cancel() }
      guard let result else { continue }
      if !wanted { throw .cancelled }
      return try result.get()
    }
  }

  private static func start(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(body))
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, job.toOpaque())
    guard status == 0 else {
      job.release()
      throw Failure(
        status: defib_status(DEFIB_SYSTEM),
        message: "no thread can be started: \(String(cString: strerror(status)))")
    }
    pthread_detach(thread)
  }

  private final class Job: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}

/// How far the work is.
struct WorkState: Sendable {
  var stage: String
  var done = 0
  var total = 0
}

/// What the two threads of a call share.
private final class Monitor<Value: Sendable>: LaneExecutor, @unchecked Sendable {
  // Two parts that never change after `init`, as pthread wants them: at a fixed address.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  // Guarded by the mutex.
  private var state: WorkState
  private var result: Result<Value, Failure>?
  private var request: Shards?
  private var answer: Bool?
  private let cancelled = Atomic(false)

  init(stage: String) {
    state = WorkState(stage: stage)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Keeps how far the work is; false when it shall stop.
  func note(_ stage: String, _ done: Int, _ total: Int) -> Bool {
    // Work without stages asks too; then the one that the call began with stays.
    if !stage.isEmpty {
      pthread_mutex_lock(mutex)
      state = WorkState(stage: stage, done: done, total: total)
      pthread_mutex_unlock(mutex)
    }
    return !cancelled.load(ordering: .relaxed)
  }

  func cancel() { cancelled.store(true, ordering: .relaxed) }

  func finish(_ value: Result<Value, Failure>) {
    pthread_mutex_lock(mutex)
    result = value
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Has the calling thread ask the caller's executor, and waits for it.
  func map(_ shards: Shards) throws(RunError) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    request = shards
    answer = nil
    pthread_cond_broadcast(condition)
    while answer == nil { pthread_cond_wait(condition, mutex) }
    if answer == false { throw .cancelled }
  }

  /// What the caller's executor said.
  func answer(_ isDone: Bool) {
    pthread_mutex_lock(mutex)
    answer = isDone
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Waits until the work is done, but not longer than told.
  func wait(nanoseconds: Int) -> (WorkState, Shards?, Result<Value, Failure>?) {
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    end.tv_nsec += nanoseconds
    end.tv_sec += end.tv_nsec / 1_000_000_000
    end.tv_nsec %= 1_000_000_000
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while result == nil, request == nil, pthread_cond_timedwait(condition, mutex, &end) == 0 {}
    defer { request = nil }
    return (state, request, result)
  }
}
