import Runs
import Trials

extension Plots {
  /// The most courses beside the one as set.
  private static let courseLimit = 3
  /// A change whose course is worth a line takes so much more off, in units of the constant's loss.
  private static let gain = 0.05

  /// The training as set, and the best of each kind of change that goes decisively farther.
  static func courses(_ exam: Examination) -> [Course] {
    guard case .done(let trials) = exam.trials,
      let comparison = try? TrialComparison(exam, for: LearningRateTooHigh.self),
      let asSet = comparison.asSet
    else { return [] }
    let kinds = [
      comparison.rates.filter { $0.changes.rate != 1 },
      comparison.scaled(inputs: true, targets: false),
      comparison.scaled(inputs: false, targets: true),
      comparison.scaled(inputs: true, targets: true), comparison.fresh, comparison.averaged,
      comparison.complete, comparison.unpenalized,
    ]
    let limit = min(comparison.remaining(asSet), 1) - gain
    var best = kinds.compactMap { comparison.best($0.filter { $0.changes != asSet.changes }) }
      .filter { comparison.remaining($0) <= limit && $0.updates.count > 2 }
    best.sort { comparison.remaining($0) < comparison.remaining($1) }
    var chosen = [asSet]
    for trial in best.prefix(courseLimit)
    where !chosen.contains(where: { $0.changes == trial.changes }) {
      chosen.append(trial)
    }
    return chosen.map { trial in
      course(trial, trials.repeats[trial.changes] ?? [], name(trial.changes, exam, trials))
    }
  }

  private static func course(_ trial: Trial, _ repeats: [Trial], _ name: String) -> Course {
    let all = [trial] + repeats
    let tables = all.map { one in
      Dictionary(zip(one.updates, one.losses), uniquingKeysWith: { first, _ in first })
    }
    let updates = trial.updates.filter { update in tables.allSatisfy { $0[update] != nil } }
    let losses = updates.map { update in tables.compactMap { $0[update] } }
    let isBand = all.count > 1
    return Course(
      name: name, updates: updates, losses: losses.map { short($0.first ?? .infinity) },
      lowest: isBand ? losses.map { short($0.min() ?? .infinity) } : [],
      highest: isBand ? losses.map { short($0.max() ?? .infinity) } : [])
  }

  /// What a trial does otherwise, in words.
  private static func name(_ changes: Changes, _ exam: Examination, _ trials: Trials) -> String {
    var parts: [String] = []
    if changes.scaledInputs { parts.append("inputs standardized") }
    if changes.scaledTargets { parts.append("targets standardized") }
    if changes.start == .fresh, trials.knowsStart { parts.append("fresh weights") }
    if changes.averaged { parts.append("mean loss") }
    if changes.complete { parts.append("all parameters") }
    if !changes.penalized { parts.append("no penalty") }
    if changes.rate != 1, let own = exam.run.training.optimizer?.learningRate {
      parts.append("learning rate \(Wording.rounded(own * changes.rate))")
    }
    return parts.isEmpty ? "as set" : parts.joined(separator: ", ")
  }

  /// The screening at all learning rates.
  static func rates(_ exam: Examination) -> Rates? {
    guard let comparison = try? TrialComparison(exam, for: LearningRateTooHigh.self),
      let own = exam.run.training.optimizer?.learningRate,
      let updates = comparison.rates.map(\.changes.steps).min()
    else { return nil }
    let screened = comparison.rates.filter { $0.changes.steps == updates }
      .sorted { $0.changes.rate < $1.changes.rate }
    guard screened.count > 2 else { return nil }
    return Rates(
      own: short(own), updates: updates, rates: screened.map { short(own * $0.changes.rate) },
      losses: screened.map { short($0.diverged == nil ? $0.end : .infinity) })
  }
}
