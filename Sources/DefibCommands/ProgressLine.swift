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
    let began = ContinuousClock.now
    /// The stages that came so far, each with when it began; one that comes again is there twice.
    var stages: [(name: String, began: ContinuousClock.Instant)] = []
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
      if state.stages.last?.name != stage { state.stages.append((stage, now)) }
      guard now >= state.next else { return }
      state.next = now + .milliseconds(100)
      state.isVisible = true
      _ = Console.errors.put("\r\u{1B}[Kdefib: \(stage), \(done) of \(total)")
    }
    return true
  }

  /// Takes the line away, and says what the stages of a long check took.
  func clear() {
    state.withLock { state in
      guard state.isVisible else { return }
      _ = Console.errors.put("\r\u{1B}[K")
      state.isVisible = false
      let end = ContinuousClock.now
      guard end - state.began >= .seconds(Self.long) else { return }
      let ends = state.stages.dropFirst().map(\.began) + [end]
      let parts = zip(state.stages, ends).map { stage, end in
        "\(stage.name) \((end - stage.began).components.seconds) s"
      }
      let seconds = (end - state.began).components.seconds
      _ = Console.errors.put("defib: took \(seconds) s: \(parts.joined(separator: "; "))\n")
    }
  }

  /// Seconds from which on somebody may ask where they went.
  private static let long = 5
}
