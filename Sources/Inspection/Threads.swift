import Glibc
import Synchronization

/// Threads that share a number of tasks.
enum Threads {
  /// The threads that make sense on this machine.
  static var available: Int {
    max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// Runs `body` for every index below `tasks`, each once, on this thread and others.
  static func run(tasks: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let work = Work(tasks: tasks, body: body)
    var started: [pthread_t] = []
    for _ in 1..<max(1, min(threads, tasks)) {
      var thread = pthread_t()
      let argument = Unmanaged.passRetained(work)
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
          return nil
        }, argument.toOpaque())
      if status == 0 {
        started.append(thread)
      } else {
        // No more threads: those that are there do the rest.
        argument.release()
        break
      }
    }
    work.run()
    for thread in started { _ = pthread_join(thread, nil) }
  }

  private final class Work: Sendable {
    private let next = Atomic<Int>(0)
    private let tasks: Int
    private let body: @Sendable (Int) -> Void

    init(tasks: Int, body: @escaping @Sendable (Int) -> Void) {
      self.tasks = tasks
      self.body = body
    }

    func run() {
      while true {
        let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard task < tasks else { return }
        body(task)
      }
    }
  }
}
