import Replay
import Runs

/// The search for a cure: every change alone, the promising ones together, and the smallest set that is
/// as good.
struct CureSearch: Sendable {
  let run: Run
  let data: TrialData
  let plan: Plan
  let score: TaskScore
  let knowsStart: Bool
  let isTrained: Bool
  /// Whether the start knows nothing of the task: another draw of its scheme is as good.
  let isRandomStart: Bool
  /// Updates of every training.
  let steps: Int
  let schedule: Schedule?
  let proposals: [Cure.Proposal]
  /// Whether changes are put together.
  let combines: Bool
  let workers: Int
  let progress: Progress

  /// Orders of the rows and draws of weights behind every figure that leads.
  static let orders = 3
  /// Those behind what is told in the end.
  static let proofs = 5
  /// Single changes that are played in all orders.
  private static let promising = 6
  /// Changes that are put together in pairs.
  private static let pooled = 5
  /// With so much skill, nothing is put together any more.
  private static let enough = 0.95
  /// A set is as good as the best when it has so large a share of its gain.
  private static let share = 0.85
  /// A change that is worth less is left out, or so small a share of what all are worth.
  private static let worth = 0.03
  private static func share(of gain: Double) -> Double { (1 - share) * max(0, gain) }
  /// A gain of skill that helps to go on.
  private static let least = 0.05

  /// A start with so much skill was made by another training.
  static let known = 0.1

  /// All that was played.
  final class Book {
    var scores: [[Change]: [Double]] = [:]
    var problems: [(change: Change, problem: String)] = []
  }

  func find() throws(RunError) -> Cure {
    let book = Book()
    let before = try trainedScore()
    let singles = proposals.map { [$0.change] }
    try play([[.asSet]] + singles, upTo: 1, book)
    let ranked = ranked(singles.filter { book.scores[$0] != nil }, book)
    let first = Array(ranked.prefix(combines ? Self.promising : 3))
    try play([[.asSet]] + first, upTo: Self.orders, book)
    if combines, skill(first.map { mean($0, book) }.max() ?? 0) < Self.enough {
      let sets = combinations(ranked, book)
      try play(sets, upTo: 1, book)
      let best = self.ranked(sets.filter { book.scores[$0] != nil }, book).prefix(4)
      try play(Array(best), upTo: Self.orders, book)
      try extend(ranked + Array(best), book)
    }
    let start = start(before, book)
    let chosen = choose(start, book)
    let set = try minimal(chosen, start, book)
    try play([set], upTo: Self.proofs, book)
    return try told(set, before, start, book)
  }

  /// Plays sets that were not yet played in so many orders.
  private func play(_ sets: [[Change]], upTo count: Int, _ book: Book) throws(RunError) {
    var plans: [(changes: [Change], order: Int)] = []
    for set in sets where !plans.contains(where: { $0.changes == set }) {
      guard !book.problems.contains(where: { [$0.change] == set }) else { continue }
      for order in (book.scores[set]?.count ?? 0)..<max(count, book.scores[set]?.count ?? 0) {
        plans.append((set, order))
      }
    }
    let pass = CurePass(search: self, plans: plans)
    let plays = try pass.merged(workers: workers, progress: progress) ?? []
    for (plan, play) in zip(plans, plays) {
      if let score = play.score {
        book.scores[plan.changes, default: []].append(score)
      } else if plan.changes.count == 1, let problem = play.problem {
        book.problems.append((plan.changes[0], problem))
      }
    }
  }

  private func mean(_ set: [Change], _ book: Book) -> Double {
    let scores = book.scores[set] ?? []
    return scores.isEmpty ? -1 : scores.reduce(0, +) / Double(scores.count)
  }

  /// The skill that a change has to beat. The rows to judge by were among those that the training saw: where
  /// it is played in its whole length without them, that tells what it is worth.
  private func start(_ before: Double?, _ book: Book) -> Double {
    let again = skill(mean([.asSet], book))
    guard let before else { return again }
    let isWhole = data.isHeldOut && run.updates.map { $0 <= steps } ?? false
    return isWhole ? min(skill(before), again) : skill(before)
  }

  private func skill(_ score: Double) -> Double { self.score.skill(score) }

  /// The best first; of those that are alike, the one that was proposed first.
  private func ranked(_ sets: [[Change]], _ book: Book) -> [[Change]] {
    sets.enumerated().sorted {
      (-mean($0.element, book), $0.offset) < (-mean($1.element, book), $1.offset)
    }.map(\.element)
  }

  /// Pairs of the best, each with the learning rates that look best and with another optimizer, and what
  /// all findings ask for together.
  private func combinations(_ ranked: [[Change]], _ book: Book) -> [[Change]] {
    let asked = proposals.filter { $0.rule != nil }.map(\.change)
    let singles = ranked.map { $0[0] }
    var pool = Array(singles.filter { $0.family != .rate }.prefix(Self.pooled))
    // What findings ask for may help only together.
    for change in asked.prefix(Self.pooled) where !pool.contains(change) { pool.append(change) }
    var rates = Array(singles.filter { $0.family == .rate }.prefix(2))
    for change in singles {
      if case .optimizer = change, !rates.contains(change) { rates.append(change) }
    }
    var sets: [[Change]] = []
    for (index, one) in pool.enumerated() {
      for other in pool.dropFirst(index + 1) + rates where one.family != other.family {
        let set = Self.sorted([one, other])
        if !sets.contains(set) { sets.append(set) }
      }
    }
    var families: [Change.Family: Change] = [:]
    for change in singles where asked.contains(change) && families[change.family] == nil {
      families[change.family] = change
    }
    if families.count > 2 { sets.append(Self.sorted(Array(families.values))) }
    return sets
  }

  /// Adds one change after the other to the best set, as long as each helps.
  private func extend(_ sets: [[Change]], _ book: Book) throws(RunError) {
    guard var best = ranked(sets.filter { book.scores[$0] != nil }, book).first else { return }
    while best.count < Self.together, skill(mean(best, book)) < Self.enough {
      let larger = proposals.map(\.change).filter { change in
        !best.contains { $0.family == change.family } && book.scores[[change]] != nil
      }.map { Self.sorted(best + [$0]) }
      try play(larger, upTo: 1, book)
      guard let next = ranked(larger.filter { book.scores[$0] != nil }, book).first else { return }
      try play([best, next], upTo: Self.orders, book)
      guard skill(mean(next, book)) - skill(mean(best, book)) >= Self.least else { return }
      best = next
    }
  }

  /// The most changes that are put together.
  private static let together = 4

  private static func sorted(_ changes: [Change]) -> [Change] {
    changes.sorted { $0.family < $1.family }
  }

  /// The first single change that is about as good as anything, or else the best set.
  private func choose(_ start: Double, _ book: Book) -> [Change] {
    let full = book.scores.filter { $0.value.count >= Self.orders }
    let most = full.keys.map { skill(mean($0, book)) }.max() ?? 0
    let bound = start + Self.share * (most - start)
    func isGood(_ set: [Change]) -> Bool {
      guard full[set] != nil else { return false }
      return skill(mean(set, book)) >= bound
    }
    let singles = [[Change.asSet]] + proposals.map { [$0.change] }
    if let single = singles.first(where: isGood) { return single }
    return full.keys.filter(isGood).min { a, b in
      (Double(a.count), -mean(a, book), "\(a)") < (Double(b.count), -mean(b, book), "\(b)")
    } ?? [.asSet]
  }

  /// The same without what is worth nothing in it.
  private func minimal(
    _ set: [Change], _ start: Double, _ book: Book
  ) throws(RunError) -> [Change] {
    var set = set
    while set.count > 1 {
      let rests = set.map { change in set.filter { $0 != change } }
      try play(rests, upTo: Self.orders, book)
      let own = skill(mean(set, book))
      let needless = rests.max {
        skill(mean($0, book)) < skill(mean($1, book))
      }
      let worth = min(Self.worth, Self.share(of: own - start))
      guard let needless, own - skill(mean(needless, book)) < worth else { break }
      set = needless
    }
    return set
  }

  private func told(
    _ set: [Change], _ before: Double?, _ start: Double, _ book: Book
  ) throws(RunError) -> Cure {
    let scores = book.scores[set] ?? []
    let verdict = CureVerdict(
      from: start, to: scores.map(skill), error: score.error(data.judged.count))
    let rests = set.map { change -> [Change] in
      set.count > 1 ? set.filter { $0 != change } : [.asSet]
    }
    let parts = zip(set, rests).map { change, rest in
      Cure.Part(
        change: change, rule: proposals.first { $0.change == change }?.rule,
        without: attempt(rest, book))
    }.sorted { ($0.without.mean, "\($0.change)") < ($1.without.mean, "\($1.change)") }
    let others = ranked(
      proposals.map { [$0.change] }.filter { book.scores[$0] != nil && !set.contains($0[0]) }, book)
    let drawn = verdict.outcome == .none || set == [.asSet] ? [[.asSet]] : [[.asSet], set]
    let courses = try drawn.map { (set) throws(RunError) in
      try CurePlayer(search: self).course(set)
    }
    return Cure(
      outcome: verdict.outcome,
      isAccuracy: score.kind == .accuracy,
      judged: (data.judged.count, data.isHeldOut), updates: (steps, run.updates), before: before,
      asSet: attempt([.asSet], book), best: attempt(set, book), parts: parts,
      courses: courses, tried: others.map { attempt($0, book) }, failed: book.problems,
      revived: verdict.outcome == .none ? nil : try revived(set, scores))
  }

  private func attempt(_ set: [Change], _ book: Book) -> Cure.Attempt {
    Cure.Attempt(changes: set, scores: book.scores[set] ?? [])
  }

  /// The score of the weights after the training.
  private func trainedScore() throws(RunError) -> Double? {
    guard isTrained else { return nil }
    let stepper = try Stepper(data.run, from: try Weights(data.run), progress: progress)
    return try score.score(stepper, data, [:])
  }

  /// The weights of the training whose score is the median.
  private func revived(_ set: [Change], _ scores: [Double]) throws(RunError) -> Revived {
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }[scores.count / 2]
    let variant = try CureVariant(set, self, order: order)
    let stepper = try CurePlayer(search: self).train(variant, order: order)
    return try Revived(variant, stepper, set, self)
  }
}
