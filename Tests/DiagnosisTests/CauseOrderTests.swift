import Testing

@testable import Diagnosis

/// The order of causes, one criterion after the other.
struct CauseOrderTests {
  /// A pair of findings that one criterion tells apart while all before it do not: `first` comes
  /// before `second`.
  struct Pair: CustomTestStringConvertible, Sendable {
    let criterion: String
    let first: Finding
    let second: Finding
    /// Ids of the two that are causes, and how many findings each explains.
    var causes: Set<String> = []
    var explained: [String: Int] = [:]

    var testDescription: String { criterion }
  }

  private static func at(_ name: String) -> Place { Place(.layer, name) }

  static let pairs: [Pair] = {
    // The second of each pair has the smaller id, which alone would put it first.
    let effect = finding(ActivationLossMismatch.self, at: at("effect"))
    let note = finding(UnderCapacity.self, .note, at: at("z"))
    let outcome = finding(ConstantLoss.self, .error, at: at("a"))
    let warning = finding(UnderCapacity.self, .warning, at: at("z"))
    let proof = finding(SymmetricUnits.self, at: at("z"))
    let tried = finding(OptimizerSettingsRule.self, at: at("a"), remaining: 0.1)
    let stop = finding(
      UnoptimizedParameters.self, at: at("z"), remaining: 0.5, facts: Facts(stopsTraining: true))
    let played = finding(
      LoopMismatch.self, at: at("z"), remaining: 0.5, facts: Facts(reproducesEnd: true))
    let worse = finding(LearningRateTooHigh.self, at: at("a"), remaining: 0.2)
    let better = finding(LossReduction.self, at: at("z"), remaining: 0.1)
    let many = finding(SymmetricUnits.self, at: at("z"))
    let few = finding(ConstantWeights.self, at: at("a"))
    return [
      Pair(
        criterion: "causes before what they explain", first: note, second: effect,
        causes: [note.id]),
      Pair(
        criterion: "causes that somebody can change before outcomes", first: warning,
        second: outcome, causes: [warning.id, outcome.id]),
      Pair(
        criterion: "the more severe first", first: proof,
        second: finding(UnderCapacity.self, .warning, at: at("a"))),
      Pair(criterion: "what kept every step from changing anything", first: stop, second: few),
      Pair(
        criterion: "what reproduces the end of the training before what might have helped it",
        first: played, second: few),
      Pair(criterion: "what is certain before what is likely", first: proof, second: tried),
      Pair(
        criterion: "what is worth the most in the cure that was proved",
        first: finding(
          LossReduction.self, at: at("z"), remaining: 0.2, facts: Facts(worth: 0.4)),
        second: worse),
      Pair(
        criterion: "what leaves the least of the loss once it is mended", first: better,
        second: worse),
      Pair(
        criterion: "what began first before what began later",
        first: finding(SymmetricUnits.self, at: at("z")).since(100),
        second: finding(ConstantWeights.self, at: at("a")).since(200)),
      Pair(
        criterion: "what explains the most", first: many, second: few,
        explained: [many.id: 2, few.id: 1]),
    ]
  }()

  @Test func `units of a layer come after what is written, and before what trials showed`() {
    let written = finding(MixedAxes.self, at: Self.at("z"))
    let dead = finding(DeadUnits.self, at: Self.at("a"))
    let tried = finding(LearningRateTooHigh.self, at: Self.at("a"), remaining: 0.1)
    let few = finding(SaturatedUnits.self, .warning, at: Self.at("a"))
    let all = [few, tried, dead, written]
    let sorted = CauseOrder.sorted(all, causes: Set(all.map(\.id)), explained: [:])
    #expect(sorted.map(\.id) == [written.id, dead.id, tried.id, few.id])
  }

  @Test func `every criterion is tested, in their order`() {
    #expect(Self.pairs.map(\.criterion) == CauseOrder.criteria.map(\.name))
  }

  @Test(arguments: pairs)
  func `a criterion decides where those before it do not`(_ pair: Pair) {
    for both in [[pair.first, pair.second], [pair.second, pair.first]] {
      let sorted = CauseOrder.sorted(both, causes: pair.causes, explained: pair.explained)
      #expect(sorted.map(\.id) == [pair.first.id, pair.second.id])
    }
    let entries = [pair.first, pair.second].map {
      CauseOrder.Entry(
        finding: $0, isCause: pair.causes.contains($0.id), explains: pair.explained[$0.id] ?? 0)
    }
    let apart = CauseOrder.criteria.first { $0.value(entries[0]) != $0.value(entries[1]) }
    #expect(apart?.name == pair.criterion)
  }

  @Test func `units of a layer that mostly works come last`() {
    let units = finding(DeadUnits.self, .warning)
    let likely = finding(TooFewSamples.self, .warning)
    #expect(
      CauseOrder.sorted([units, likely], causes: [], explained: [:]).map(\.rule)
        == [.tooFewSamples, .deadUnits])
    let all = [finding(DeadUnits.self), finding(OptimizerSettingsRule.self)]
    #expect(
      CauseOrder.sorted(all, causes: [], explained: [:]).map(\.rule)
        == [.deadUnits, .optimizerSettings])
  }

  @Test func `the time tells findings apart that have one, and leaves the others`() {
    let early = finding(SymmetricUnits.self, at: Self.at("z")).since(100)
    let late = finding(SymmetricUnits.self, at: Self.at("a")).since(300)
    let old = finding(SymmetricUnits.self, at: Self.at("m")).since(0, after: nil)
    let undated = finding(SymmetricUnits.self, at: Self.at("c"))
    let all = [late, early, undated, old]
    for findings in [all, all.reversed(), [undated, late, old, early]] {
      #expect(
        CauseOrder.sorted(findings, causes: [], explained: [:]).map(\.place.name)
          == ["z", "c", "m", "a"])
    }
    // What matters more comes first all the same.
    let stop = finding(
      UnoptimizedParameters.self, at: Self.at("b"), facts: Facts(stopsTraining: true)
    ).since(400)
    #expect(
      CauseOrder.sorted([early, stop], causes: [], explained: [:]).map(\.place.name) == ["b", "z"])
  }

  @Test func `findings that nothing tells apart stand by their names`() {
    let all = ["b", "a"].map { finding(DeadUnits.self, at: Self.at($0)) }
    #expect(
      CauseOrder.sorted(all, causes: [], explained: [:]).map(\.place.name) == ["a", "b"])
  }
}

extension Finding {
  /// The same, with a time at which it began.
  fileprivate func since(_ step: Int, after: Int? = 0) -> Finding {
    var copy = self
    copy.since = Since(step: step, epoch: nil, after: after, course: [])
    return copy
  }
}
