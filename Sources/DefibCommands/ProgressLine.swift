import Commands
import Synchronization

/// One line on the terminal that says how far a check is; nothing where nobody looks, or where the
/// check is done before anybody could read it.
final class ProgressLine: Sendable {
  private let isShown: Bool
  private let state: Mutex<State>

  private struct State {
    var next = ContinuousClock.now + .milliseconds(500)
    var isVisible = false
  }

  /// - Parameter isShown: whether the user wants progress.
  init(isShown: Bool) {
    self.isShown = isShown && Console.errors.isTerminal
    state = Mutex(State())
  }

  /// Takes note of how far the check is; always says to go on.
  @Sendable func show(_ stage: String, _ done: Int, _ total: Int) -> Bool {
    guard isShown else { return true }
    state.withLock { state in
      let now = ContinuousClock.now
      guard now >= state.next else { return }
      state.next = now + .milliseconds(100)
      state.isVisible = true
      _ = Console.errors.put("\r\u{1B}[Kdefib: \(stage), \(done) of \(total)")
    }
    return true
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      if state.isVisible { _ = Console.errors.put("\r\u{1B}[K") }
      state.isVisible = false
    }
  }
}
