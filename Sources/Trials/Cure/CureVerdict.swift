/// Whether trainings with some changes do decisively better than the one that is asked about.
struct CureVerdict {
  /// What came of it.
  let outcome: Cure.Outcome

  /// A gain of skill that counts however much is left.
  static let gain = 0.1
  /// What every training must have of it.
  static let least = 0.5
  /// A smaller gain counts where it halves what is missing, and so much was.
  static let missing = 0.02
  /// How many standard errors of a skill it must be, then.
  static let errors = 2.0

  /// - Parameters:
  ///   - start: the skill without them, from 0 to 1.
  ///   - skills: those with them, one for each training.
  ///   - error: by skill, its standard error on the rows that it is judged by.
  init(from start: Double, to skills: [Double], error: (Double) -> Double) {
    let reached = skills.reduce(0, +) / Double(max(1, skills.count))
    let gain = reached - start
    let halves = 1 - reached <= (1 - start) / 2
    let isSmall = halves && 1 - start >= Self.missing && gain >= Self.errors * error(start)
    let isBetter =
      gain >= Self.gain && (skills.min() ?? 0) - start >= Self.least * Self.gain
      || isSmall && (skills.min() ?? 0) - start >= Self.least * gain
    outcome = isBetter ? halves ? .cured : .helped : .none
  }
}
