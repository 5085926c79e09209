/// A row of the table of causes: some findings explain others.
struct Explanation: Sendable {
  /// Findings of some rules, or all that stand at one link of the chain of causes.
  enum Subject: Sendable, Equatable {
    case rules([RuleID])
    case all(ChainLink)

    func contains(_ finding: Finding) -> Bool {
      switch self {
      case .rules(let ids): ids.contains(finding.rule)
      case .all(let link): finding.chainLink == link
      }
    }
  }

  let effect: Subject
  let cause: Subject
  let place: Reach
  let conditions: [Condition]
  /// Whether the row counts only where the rows above it, of the same effect, found nothing.
  let isAlternative: Bool

  /// A row that adds to those above it.
  init(
    _ effect: RuleID, from causes: [RuleID], at place: Reach = .anywhere,
    when conditions: Condition...
  ) {
    self.init(.rules([effect]), .rules(causes), place, conditions, isAlternative: false)
  }

  /// A row for where those above it find nothing.
  init(
    _ effect: RuleID, orFrom causes: [RuleID], at place: Reach = .anywhere,
    when conditions: Condition...
  ) {
    self.init(.rules([effect]), .rules(causes), place, conditions, isAlternative: true)
  }

  /// A row for whatever stands at one link of the chain, which adds to those above it.
  init(anyOf effect: ChainLink, from cause: ChainLink, when conditions: Condition...) {
    self.init(.all(effect), .all(cause), .anywhere, conditions, isAlternative: false)
  }

  /// A row for whatever stands at one link of the chain, for where those above it find nothing.
  init(anyOf effect: ChainLink, orFrom cause: ChainLink, when conditions: Condition...) {
    self.init(.all(effect), .all(cause), .anywhere, conditions, isAlternative: true)
  }

  private init(
    _ effect: Subject, _ cause: Subject, _ place: Reach, _ conditions: [Condition],
    isAlternative: Bool
  ) {
    self.effect = effect
    self.cause = cause
    self.place = place
    self.conditions = conditions
    self.isAlternative = isAlternative
  }

  /// Whether one of all findings explains another by this row.
  func joins(_ effect: Finding, _ cause: Finding, among all: [Finding]) -> Bool {
    self.effect.contains(effect) && self.cause.contains(cause) && effect.id != cause.id
      && place.joins(effect, cause) && conditions.allSatisfy { $0.holds(effect, cause, all) }
  }
}

extension [Explanation] {
  /// Ids of the findings that explain one of them, sorted: what the rows give, read from the top to the
  /// first alternative that is not needed.
  func causes(of effect: Finding, among all: [Finding]) -> [String] {
    var found: Set<String> = []
    for row in self where row.effect.contains(effect) {
      if row.isAlternative, !found.isEmpty { break }
      found.formUnion(all.filter { row.joins(effect, $0, among: all) }.map(\.id))
    }
    return found.sorted()
  }
}
