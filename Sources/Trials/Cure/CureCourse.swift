import Replay
import Runs

extension Cure {
  /// How the score of a training went, update by update.
  public struct Course: Sendable {
    /// What was changed in it.
    public let changes: [Change]
    /// Updates that were made before each score.
    public let updates: [Int]
    /// The task's score after them, at least −1.
    public let scores: [Double]
  }
}

extension CurePlayer {
  /// Scores of a training that a course is drawn from.
  private static let points = 24

  /// Does a training in its first order, and looks at it on the way. To look costs nothing but time: the
  /// training that a score is told of is another.
  ///
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  func course(_ changes: [Change]) throws(RunError) -> Cure.Course {
    let variant = try CureVariant(changes, search, order: 0)
    let every = max(1, variant.steps / Self.points)
    var (updates, scores) = ([Int](), [Double]())
    let watch = { (update: Int, stepper: Stepper) throws(RunError) in
      guard update % every == 0 || update == variant.steps else { return }
      updates.append(update)
      scores.append(max(-1, try search.score.score(stepper, variant.data, variant.scales)))
    }
    _ = try train(variant, order: 0, watch: watch)
    return Cure.Course(changes: changes, updates: updates, scores: scores)
  }
}
