import Testing

@testable import Diagnosis

/// A finding made by hand.
func finding(
  _ rule: any Rule.Type, _ severity: Severity = .error, at place: Place = Place(.run, "here"),
  tensors: [Int] = [], remaining: Double? = nil, facts: Facts = Facts()
) -> Finding {
  Finding(
    rule, severity, at: place, "It is there.", tensors: tensors, remaining: remaining, facts: facts)
}

extension CauseGraph {
  /// The rules that explain the only finding of a rule.
  func explains(_ rule: RuleID) throws -> [RuleID] {
    let rules = Dictionary(uniqueKeysWithValues: findings.map { ($0.id, $0.rule) })
    let found = findings.filter { $0.rule == rule }
    try #require(found.count == 1)
    return try found[0].causedBy.map { try #require(rules[$0]) }
  }
}

/// What explains what, by the rows of the table.
struct CauseTests {
  @Test func `the rows name rules that exist`() {
    let rows = (CauseTable.explanations + CauseTable.fallbacks).flatMap { [$0.effect, $0.cause] }
    let named = rows.flatMap { if case .rules(let ids) = $0 { ids } else { [] as [RuleID] } }
    #expect(Set(named).isSubset(of: RuleRegistry.all.map { $0.info.id }))
  }

  @Test func `rows of one effect stand together, and the first of them adds`() {
    var seen: [Explanation.Subject] = []
    for row in CauseTable.explanations + CauseTable.fallbacks where row.effect != seen.last {
      #expect(!seen.contains(row.effect), "\(row.effect) stands at two places")
      #expect(!row.isAlternative, "\(row.effect) begins with an alternative")
      seen.append(row.effect)
    }
  }

  @Test func `a cause must be about the tensors that its effect looks at`() throws {
    let dead = finding(DeadUnits.self, at: Place(.layer, "relu"), tensors: [3, 4])
    let zero = { (ends: [Int]) in
      finding(ZeroGradient.self, tensors: [1] + ends, facts: Facts(gradientEnds: ends))
    }
    #expect(try CauseGraph([zero([4]), dead]).explains(.zeroGradient) == [.deadUnits])
    // Its own parameter is not where its gradient ends.
    let own = finding(BoundedOutput.self, .note, tensors: [1])
    #expect(try CauseGraph([zero([4]), own]).explains(.zeroGradient) == [])
  }

  @Test func `the same place means the same units`() throws {
    let skew = finding(TrainValidationSkew.self, at: Place(.target, "y", units: [1]))
    let flat = { (units: [Int]) in
      finding(ConstantTarget.self, at: Place(.target, "y", units: units))
    }
    #expect(try CauseGraph([flat([1]), skew]).explains(.constantTarget) == [.trainValidationSkew])
    #expect(try CauseGraph([flat([0]), skew]).explains(.constantTarget) == [])
  }

  @Test func `a row with a condition leaves notes out`() throws {
    let loss = finding(ClassImbalance.self, .warning, tensors: [7])
    let outputs = { (severity: Severity) in
      finding(IdenticalOutputs.self, severity, tensors: [7])
    }
    #expect(
      try CauseGraph([loss, outputs(.error)]).explains(.classImbalance) == [.identicalOutputs])
    #expect(try CauseGraph([loss, outputs(.note)]).explains(.classImbalance) == [])
  }

  @Test func `an alternative counts only where the rows above it find nothing`() throws {
    let saturated = finding(
      SaturatedUnits.self, tensors: [5], facts: Facts(inputs: [0], layer: [4, 5]))
    let head = finding(BoundedOutput.self, tensors: [5])
    let inputs = finding(UnscaledFeatures.self, tensors: [0])
    let start = finding(InitializationScale.self, tensors: [4])
    let rate = finding(LearningRateTooHigh.self)
    let targets = finding(UnscaledTargets.self)
    var all = [saturated, targets, rate, start, inputs, head]
    #expect(try CauseGraph(all).explains(.saturatedUnits) == [.boundedOutput])
    all.removeLast()
    #expect(
      try CauseGraph(all).explains(.saturatedUnits) == [.initializationScale, .unscaledFeatures])
    all.removeLast(2)
    #expect(try CauseGraph(all).explains(.saturatedUnits) == [.learningRateTooHigh])
    all.removeLast()
    #expect(try CauseGraph(all).explains(.saturatedUnits) == [.unscaledTargets])
  }

  @Test func `units that died in the training were driven there`() throws {
    let rate = finding(LearningRateTooHigh.self)
    let start = finding(InitializationScale.self, tensors: [2])
    let dead = { (atStart: Bool, byBias: Bool) in
      finding(
        DeadUnits.self, tensors: [3, 4],
        facts: Facts(wasThereAtStart: atStart, isByBias: byBias, layer: [2, 3]))
    }
    #expect(
      try CauseGraph([dead(false, true), rate, start]).explains(.deadUnits)
        == [.initializationScale, .learningRateTooHigh])
    #expect(
      try CauseGraph([dead(true, false), rate, start]).explains(.deadUnits)
        == [.initializationScale])
    #expect(try CauseGraph([dead(true, true), rate, start]).explains(.deadUnits) == [])
  }

  @Test func `a learning rate that is absurdly far off comes of the scale of the data`() throws {
    let rate = { (factor: Double) in
      finding(LearningRateTooHigh.self, remaining: 0.2, facts: Facts(rateFactor: factor))
    }
    let inputs = { (remaining: Double) in finding(UnscaledFeatures.self, remaining: remaining) }
    let causes = { (factor: Double, remaining: Double) in
      try CauseGraph([rate(factor), inputs(remaining)]).explains(.learningRateTooHigh)
    }
    #expect(try causes(1e-4, 0.2) == [.unscaledFeatures])
    #expect(try causes(1e-2, 0.2) == [])
    #expect(try causes(1e-2, 0.1) == [.unscaledFeatures])
  }

  @Test func `a learning rate does well from a usual start`() throws {
    let rate = finding(LearningRateTooLow.self, .warning, remaining: 0.2)
    let start = { (severity: Severity, remaining: Double) in
      finding(InitializationScale.self, severity, remaining: remaining)
    }
    #expect(
      try CauseGraph([rate, start(.error, 0.24)]).explains(.learningRateTooLow)
        == [.initializationScale])
    #expect(try CauseGraph([rate, start(.error, 0.26)]).explains(.learningRateTooLow) == [])
    #expect(try CauseGraph([rate, start(.note, 0.1)]).explains(.learningRateTooLow) == [])
  }

  @Test func `values that were handed over explain those that came of the training`() throws {
    let given = finding(
      NonFinite.self, at: Place(.input, "x"), facts: Facts(link: .fault))
    let came = finding(NonFinite.self, at: Place(.layer, "exp"))
    let rate = finding(LearningRateTooHigh.self)
    let graph = CauseGraph([came, given, rate])
    #expect(graph.findings.first { $0.id == came.id }?.causedBy == [given.id])
    #expect(graph.findings.first { $0.id == given.id }?.causedBy == [])
  }

  @Test func `what no row explains comes of the faults, or else of the states`() throws {
    let baseline = finding(LossAtBaseline.self)
    let state = finding(VanishingGradient.self)
    let fault = finding(LossTaskMismatch.self, .warning)
    let stop = finding(UnoptimizedParameters.self, facts: Facts(stopsTraining: true))
    let note = finding(IgnoredFeature.self, .note)
    #expect(try CauseGraph([baseline, note]).explains(.lossAtBaseline) == [])
    #expect(
      try CauseGraph([baseline, state, note]).explains(.lossAtBaseline) == [.vanishingGradient])
    let both = CauseGraph([baseline, state, fault])
    #expect(try both.explains(.lossAtBaseline) == [.lossTaskMismatch])
    // A warning is too little to bring a state about.
    #expect(try both.explains(.vanishingGradient) == [])
    let all = CauseGraph([baseline, state, fault, stop])
    #expect(try all.explains(.lossAtBaseline) == [.unoptimizedParameters])
    #expect(try all.explains(.vanishingGradient) == [.unoptimizedParameters])
  }

  @Test func `where no update reached the weights, that explains what did not move`() throws {
    let stop = finding(
      UnsteppedOptimizer.self, tensors: [3], facts: Facts(stopsTraining: true))
    let still = finding(
      UnchangedWeights.self, tensors: [3], facts: Facts(link: .fault, stopsTraining: true))
    let flat = finding(ConstantLoss.self, .warning)
    let short = finding(TooFewUpdates.self, .warning)
    let shapes = finding(BroadcastTarget.self, .error, at: Place(.loss, "mse"))
    let graph = CauseGraph([shapes, short, flat, still, stop])
    #expect(try graph.explains(.unchangedWeights) == [.unsteppedOptimizer])
    #expect(try graph.explains(.constantLoss) == [.broadcastTarget, .unsteppedOptimizer])
    #expect(try graph.explains(.tooFewUpdates) == [.unsteppedOptimizer])
    #expect(graph.causes == [stop.id, shapes.id])
  }

  @Test func `what the model does not list stands still for that`() throws {
    let strangers = finding(UnregisteredParameters.self, tensors: [3])
    let still = { (tensor: Int) in finding(UnchangedWeights.self, .warning, tensors: [tensor]) }
    #expect(
      try CauseGraph([still(3), strangers]).explains(.unchangedWeights)
        == [.unregisteredParameters])
    let cut = finding(DetachedParameters.self, tensors: [3, 9])
    #expect(
      try CauseGraph([still(3), cut]).explains(.unchangedWeights) == [.detachedParameters])
    let wrong = finding(WrongGradients.self, tensors: [5])
    let short = finding(TooFewUpdates.self, .warning)
    #expect(try CauseGraph([short, wrong]).explains(.tooFewUpdates) == [.wrongGradients])
    let other = finding(HistoryMismatch.self, .warning)
    let sum = finding(HistoryMismatch.self, .warning, facts: Facts(link: .outcome))
    #expect(try CauseGraph([short, other]).explains(.tooFewUpdates) == [.historyMismatch])
    #expect(try CauseGraph([short, sum]).explains(.tooFewUpdates) == [])
    let dead = finding(DeadUnits.self, tensors: [7])
    #expect(try CauseGraph([dead, wrong]).explains(.deadUnits) == [.wrongGradients])
    let below = finding(BelowBaseline.self, .warning)
    #expect(try CauseGraph([below, wrong]).explains(.belowBaseline) == [.wrongGradients])
    #expect(CauseGraph([below]).causes == [below.id])
  }

  @Test func `a cycle loses the link that closes it`() {
    // Units below and above each other, as no graph has them.
    let low = finding(
      DeadUnits.self, at: Place(.layer, "low"), tensors: [1], facts: Facts(collapses: [2]))
    let high = finding(
      DeadUnits.self, at: Place(.layer, "high"), tensors: [2], facts: Facts(collapses: [1]))
    let graph = CauseGraph([low, high])
    #expect(graph.causes == ["dead-units:high"])
    #expect(graph.findings.map(\.causedBy) == [[], ["dead-units:high"]])
  }

  @Test func `of two findings of one name the worse stays`() {
    let place = Place(.layer, "fc")
    let graph = CauseGraph([
      finding(SignalCollapse.self, .warning, at: place), finding(SignalCollapse.self, at: place),
    ])
    #expect(graph.findings.map(\.severity) == [.error])
  }

  @Test func `a note explains, but what explains the note is the cause`() {
    let dead = finding(DeadUnits.self, tensors: [7], facts: Facts(collapses: [4]))
    let note = finding(SaturatedUnits.self, .note, tensors: [4, 5])
    let head = finding(BoundedOutput.self, tensors: [5])
    #expect(CauseGraph([dead, note, head]).causes == [head.id])
    #expect(CauseGraph([dead, note]).causes == [dead.id])
  }

  @Test func `places of one fault are one finding`() {
    let zero = { (name: String) in
      finding(ZeroGradient.self, at: Place(.parameter, name), facts: Facts(gradientEnds: [4]))
    }
    let dead = finding(DeadUnits.self, at: Place(.layer, "relu"), tensors: [4])
    let graph = CauseGraph([zero("a"), zero("b"), dead])
    #expect(graph.causes == ["dead-units:relu"])
    #expect(graph.findings.map { $0.places.map(\.name) } == [["relu"], ["a", "b"]])
  }

  @Test func `rules that contradict each other never stand in one report`() {
    let high = finding(LearningRateTooHigh.self, remaining: 0.2)
    let low = finding(LearningRateTooLow.self, remaining: 0.1)
    #expect(CauseGraph([high, low]).findings.map(\.rule) == [.learningRateTooLow])
    #expect(CauseGraph([high]).findings.map(\.rule) == [.learningRateTooHigh])
  }

  @Test func `a normalization of next to nothing explains what it leaves alike`() throws {
    let norm = finding(TinyNormalization.self, at: Place(.layer, "norm"), tensors: [4, 5])
    let outputs = finding(IdenticalOutputs.self, tensors: [9], facts: Facts(collapses: [5]))
    let collapse = finding(SignalCollapse.self, at: Place(.layer, "norm"), tensors: [5])
    let zero = finding(ZeroGradient.self, tensors: [1], facts: Facts(gradientEnds: [4]))
    #expect(try CauseGraph([norm, collapse]).explains(.signalCollapse) == [.tinyNormalization])
    #expect(try CauseGraph([norm, outputs]).explains(.identicalOutputs) == [.tinyNormalization])
    #expect(try CauseGraph([norm, zero]).explains(.zeroGradient) == [.tinyNormalization])
  }

  @Test func `mixed axes explain what cannot be learned through them`() throws {
    let view = finding(MixedAxes.self, at: Place(.layer, "view"), tensors: [4, 5])
    let coupled = finding(CoupledSamples.self, at: Place(.layer, "view"), tensors: [5])
    let capacity = finding(UnderCapacity.self, .warning)
    let slow = finding(TooFewUpdates.self, .warning)
    let graph = CauseGraph([view, coupled, capacity, slow])
    for rule in [RuleID.coupledSamples, .underCapacity, .tooFewUpdates] {
      #expect(try graph.explains(rule).contains(.mixedAxes))
    }
    #expect(graph.causes == ["mixed-axes:view"])
  }

  @Test func `one step leaves nothing to be learned from steps`() throws {
    let step = { finding(SingleStepSequence.self, $0, at: Place(.layer, "lstm"), tensors: [4]) }
    let capacity = finding(UnderCapacity.self, .warning)
    #expect(
      try CauseGraph([step(.warning), capacity]).explains(.underCapacity) == [.singleStepSequence])
    #expect(try CauseGraph([step(.note), capacity]).explains(.underCapacity) == [])
  }

  @Test func `a state without bounds explains what is not finite before the rate does`() throws {
    let state = finding(UnstableRecurrence.self, at: Place(.layer, "rnn"), tensors: [4])
    let rate = finding(LearningRateTooHigh.self)
    let broken = finding(NonFinite.self, at: Place(.parameter, "rnn.w"), tensors: [1])
    let graph = CauseGraph([rate, broken, state])
    #expect(try graph.explains(.nonFinite) == [.unstableRecurrence])
    #expect(try graph.explains(.learningRateTooHigh) == [.unstableRecurrence])
    #expect(graph.causes == ["unstable-recurrence:rnn"])
    // What was handed over as NaN comes of nothing.
    let given = finding(NonFinite.self, at: Place(.input, "x"), facts: Facts(link: .fault))
    #expect(try CauseGraph([given, state]).explains(.nonFinite) == [])
  }

  @Test func `padding explains outputs that are alike`() throws {
    let padding = finding(PaddingDominates.self, at: Place(.input, "x"), tensors: [0])
    let outputs = finding(IdenticalOutputs.self, .warning, tensors: [9])
    let slow = finding(TooFewUpdates.self, .warning)
    let graph = CauseGraph([outputs, padding, slow])
    #expect(try graph.explains(.identicalOutputs) == [.paddingDominates])
    #expect(graph.causes == ["padding-dominates:x"])
  }

  @Test func `validation data that is not paired explains an overfit`() throws {
    let pairs = finding(UnpairedValidation.self, at: Place(.run, "validation"))
    let fit = finding(Overfitting.self, .warning)
    #expect(try CauseGraph([fit, pairs]).explains(.overfitting) == [.unpairedValidation])
  }

  @Test func `targets of another scale explain the output that did not learn`() throws {
    let output = finding(UnlearnedOutput.self, at: Place(.target, "y", units: [0]))
    let scale = { finding(UnscaledTargets.self, $0, at: Place(.target, "y", units: [1])) }
    #expect(
      try CauseGraph([output, scale(.error)]).explains(.unlearnedOutput) == [.unscaledTargets])
    #expect(try CauseGraph([output, scale(.warning)]).explains(.unlearnedOutput) == [])
  }
}
