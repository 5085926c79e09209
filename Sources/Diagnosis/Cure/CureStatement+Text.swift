import Runs
import Trials

extension CureStatement {
  /// What a search found, in words.
  ///
  /// - Parameter untried: what findings would ask for that cannot be tried.
  init(_ cure: Cure, _ run: Run, _ untried: [Untried]) {
    let text = ChangeText(run, together: cure.parts.map(\.change))
    let failed = cure.failed.map { Untried(what: text.name($0.change), reason: $0.problem) }
    let helps = cure.outcome != .none
    self.init(
      outcome: Outcome(rawValue: cure.outcome.rawValue) ?? .none, text: Self.sentence(cure, text),
      score: Self.score(cure), judged: cure.judged, updates: cure.updates.played,
      before: cure.before, asSet: cure.asSet.scores, after: cure.best.scores,
      changes: !helps
        ? []
        : cure.parts.map {
          Change(
            text: text.name($0.change), code: text.line($0.change), rule: $0.rule,
            without: $0.change == .asSet ? [] : $0.without.scores)
        },
      courses: cure.courses.map {
        Course(
          name: $0.changes == [.asSet] ? "as set, again" : "with the cure", updates: $0.updates,
          scores: $0.scores)
      },
      tried: cure.tried.map { Attempt(text: text.name($0.changes), scores: $0.scores) },
      notTried: untried + failed, loss: cure.revived?.loss,
      additions: cure.revived?.lines.map(Self.addition) ?? [])
  }

  private static func score(_ cure: Cure) -> String {
    cure.isAccuracy ? "balanced accuracy" : "R²"
  }

  /// The score that changes are held against: that of the weights, or of the same training without the rows
  /// that it is judged by, where that does worse and ends elsewhere.
  private static func start(_ cure: Cure) -> String? {
    guard let before = cure.before else { return nil }
    guard !cure.asSet.scores.isEmpty, cure.asSet.mean < before, cure.judged.isHeldOut,
      cure.parts.map(\.change) != [.asSet]
    else { return figure(before) }
    return "\(figure(before)) (without these rows \(figures(cure.asSet.scores)))"
  }

  private static func sentence(_ cure: Cure, _ text: ChangeText) -> String {
    let rows =
      "\(Wording.count(cure.judged.rows, "row"))\(cure.judged.isHeldOut ? " kept aside" : "")"
    let from = start(cure).map { "\($0) → " } ?? ""
    let ends = "\(from)\(figures(cure.best.scores))"
    let name = text.name(cure.parts.map(\.change))
    let trials = cure.best.scores.count
    let part = cure.updates.trained.map { $0 > cure.updates.played } ?? false
    let length = part ? " after \(cure.updates.played) updates of \(cure.updates.trained ?? 0)" : ""
    switch cure.outcome {
    case .cured:
      return """
        Tried and proved: \(name). \(score(cure)) on \(rows): \(ends) in \(trials) trainings\(length).
        """
    case .helped:
      return """
        Tried, and it helps without bringing all back: \(name). \(score(cure)) on \(rows): \(ends) \
        in \(trials) trainings\(length).
        """
    case .none:
      return """
        Nothing that was tried does decisively better. \(score(cure)) on \(rows): \(ends) by the best, \
        \(name)\(length).
        """
    }
  }

  /// A score as a reader takes it in.
  public static func figure(_ score: Double) -> String {
    score <= -1 ? "below −1" : Wording.number((score * 1000).rounded() / 1000)
  }

  /// The mean of several, with the least and the most where they differ.
  public static func figures(_ scores: [Double]) -> String {
    guard let low = scores.min(), let high = scores.max() else { return "nothing" }
    let mean = figure(scores.reduce(0, +) / Double(scores.count))
    guard figure(low) != figure(high) else { return mean }
    return "\(mean) (\(figure(low)) to \(figure(high)))"
  }

  private static func addition(
    _ line: (name: String, mean: [Double], deviation: [Double])
  ) -> String {
    func list(_ values: [Double]) -> String {
      values.count == 1
        ? "\(Float(values[0]))"
        : "np.array([" + values.map { "\(Float($0))" }.joined(separator: ", ") + "])"
    }
    return "\(line.name) = (\(line.name) - \(list(line.mean))) / \(list(line.deviation))"
  }
}
