import Testing

@testable import Diagnosis

/// What stands behind units that died, capacity that is missing, and rates that seem too low.
struct LeadingCauseTests {
  @Test(arguments: [StrongRegularization.self, BroadcastTarget.self] as [any Rule.Type])
  func `units that died of a penalty or a broadcast are no cause`(_ rule: any Rule.Type) throws {
    let dead = { (start: Bool) in
      finding(
        DeadUnits.self, .warning, at: Place(.layer, "relu"), facts: Facts(wasThereAtStart: start))
    }
    let cause = finding(rule)
    #expect(try CauseGraph([dead(false), cause]).explains(.deadUnits) == [rule.info.id])
    #expect(try CauseGraph([dead(true), cause]).explains(.deadUnits) == [])
  }

  @Test(arguments: [CoupledSamples.self, NarrowLayer.self, OrderBlind.self] as [any Rule.Type])
  func `what hides the inputs leaves a model too small`(_ rule: any Rule.Type) throws {
    let capacity = finding(UnderCapacity.self)
    #expect(
      try CauseGraph([finding(rule), capacity]).explains(.underCapacity) == [rule.info.id])
    #expect(try CauseGraph([finding(rule, .note), capacity]).explains(.underCapacity) == [])
  }

  @Test func `one output that is not learned asks for a larger rate`() throws {
    let rate = finding(LearningRateTooLow.self, .warning)
    let output = finding(UnlearnedOutput.self, .error, at: Place(.target, "y", units: [0]))
    #expect(try CauseGraph([rate, output]).explains(.learningRateTooLow) == [.unlearnedOutput])
    let fair = finding(UnlearnedOutput.self, .note, at: Place(.target, "y", units: [0]))
    #expect(try CauseGraph([rate, fair]).explains(.learningRateTooLow) == [])
  }

  @Test func `a head that is not fitted is why simple predictors win`() throws {
    let below = finding(BelowBaseline.self, .warning)
    let head = finding(UnfittedHead.self, .warning, at: Place(.layer, "fc"))
    #expect(try CauseGraph([below, head]).explains(.belowBaseline) == [.unfittedHead])
  }

  @Test func `a head that is not fitted never leads beside a fault`() throws {
    let head = finding(UnfittedHead.self, .error, at: Place(.layer, "fc"))
    let graph = CauseGraph([head, finding(LearningRateTooLow.self, .warning)])
    #expect(try graph.explains(.unfittedHead) == [.learningRateTooLow])
  }
}
