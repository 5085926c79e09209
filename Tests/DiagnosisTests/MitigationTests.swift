import Replay
import Runs
import Testing

@testable import Diagnosis

/// What a training that learned all the same makes of its findings.
struct MitigationTests {
  private func severity(
    _ rule: any Rule.Type, _ severity: Severity = .error, left: Double?, isAttained: Bool = false
  ) -> Severity {
    Mitigation(left: left, isAttained: isAttained).applied(to: finding(rule, severity)).severity
  }

  @Test func `an error becomes a warning where nearly all was learned, and a note where all was`() {
    #expect(severity(DeadUnits.self, left: 0.02) == .note)
    #expect(severity(DeadUnits.self, left: 0.1) == .warning)
    #expect(severity(DeadUnits.self, .warning, left: 0.1) == .note)
    #expect(severity(DeadUnits.self, left: 0.11) == .error)
  }

  @Test func `what nobody could do better excuses half of the loss`() {
    #expect(severity(DeadUnits.self, left: 0.5, isAttained: true) == .warning)
    #expect(severity(DeadUnits.self, left: 0.51, isAttained: true) == .error)
    #expect(severity(DeadUnits.self, left: 0.5, isAttained: false) == .error)
  }

  @Test func `no trial mends the network itself`() {
    for rule in [MissingNonlinearity.self, HiddenSoftmax.self] as [any Rule.Type] {
      #expect(severity(rule, left: 0.3, isAttained: true) == .error)
      #expect(severity(rule, left: 0.05) == .warning)
    }
  }

  @Test func `a slip that nobody means stays a warning until all was learned, and then too`() {
    for rule in [UnregisteredParameters.self, MixedAxes.self] as [any Rule.Type] {
      #expect(severity(rule, left: 0.05) == .warning)
      #expect(severity(rule, .warning, left: 0.02) == .warning)
      #expect(severity(rule, .note, left: 0.02) == .note)
    }
  }

  @Test func `a fault that harms more than the learning stays`() {
    #expect(!Overfitting.info.harmsLearning)
    #expect(severity(Overfitting.self, left: 0.01) == .error)
  }

  @Test func `nothing is excused where nothing is known`() {
    #expect(severity(DeadUnits.self, left: nil, isAttained: true) == .error)
  }

  @Test func `the message says why a finding is milder, and a note stays as it is`() {
    let mitigation = Mitigation(left: 0.05, isAttained: false)
    #expect(
      mitigation.applied(to: finding(DeadUnits.self)).message
        == "It is there. The training learned all the same: it left 5 % of the loss of always "
        + "predicting the same.")
    #expect(mitigation.applied(to: finding(DeadUnits.self, .note)).message == "It is there.")
  }

  @Test func `weights that are not finite excuse nothing`() throws {
    var net = RunBuilder()
    net.input((0..<16).map { [Float($0)] })
    net.dense("fc", [[.nan]])
    net.loss("mse", shape: [16, 1], (0..<16).map { Float($0) })
    net.training["epochs"] = .int(5)
    let exam = try Check().examine(try net.run(), Progress())
    #expect(Mitigation(exam).left == nil)
  }

  @Test func `a fit excuses, and a fit that fails on the validation data does not`() throws {
    func left(_ slope: Float) throws -> Double? {
      var net = RunBuilder()
      let x = (0..<32).map { Float($0) / 8 - 2 }
      net.input(x.map { [$0] })
      net.dense("fc", [[2]])
      net.loss("mse", shape: [32, 1], x.map { 2 * $0 })
      net.training["epochs"] = .int(5)
      net.validation("x", shape: [32, 1], x)
      net.validation("y", shape: [32, 1], x.map { slope * $0 })
      return Mitigation(try Check().examine(try net.run(), Progress())).left
    }
    #expect(try left(2) == 0)
    #expect(try left(-2) == nil)
  }
}
