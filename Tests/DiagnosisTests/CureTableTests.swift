import Support
import Testing

@testable import Diagnosis
@testable import Replay
@testable import Runs
@testable import Trials

/// Which changes findings ask for, and how they are told.
struct CureTableTests {
  @Test func `every rule that may be an alarm has a cure, or a reason why none is tried`() {
    let told = Set(CureTable.rows.keys).union(CureTable.untried.keys)
    let infos = RuleRegistry.all.map { $0.info }
    #expect(told.isSubset(of: Set(infos.map { $0.id })))
    #expect(Set(CureTable.rows.keys).isDisjoint(with: CureTable.untried.keys))
    let missing = infos.filter { !told.contains($0.id) && $0.severity > .note }
    #expect(missing.map { $0.id.rawValue } == [])
    #expect(CureTable.rows.values.allSatisfy { !$0.isEmpty })
  }

  @Test func `a finding's changes come before those that help many`() throws {
    let exam = try Check().examine(try RunFixture.dead().run(), Progress())
    let finding = Finding(LearningRateTooHigh.self, .error, at: Place(.run, "run"), "Bad.")
    let all = CureProposals(exam: exam).all([finding])
    #expect(all.first?.change == .learningRate(factor: 0.1))
    #expect(all.first?.rule == "learning-rate-too-high")
    #expect(all.last?.rule == nil)
    for (index, one) in all.enumerated() {
      #expect(!all.dropFirst(index + 1).contains { $0.change == one.change })
    }
  }

  @Test func `each framework has its own line`() throws {
    var net = RunFixture.dead()
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(10), "momentum": .number(0.9),
    ])
    for (framework, rate, op) in [
      (
        "pytorch",
        "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)  # was 10",
        "model.relu = nn.LeakyReLU()  # was Relu"
      ),
      (
        "keras", "optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)  # was 10",
        "activation=\"leaky_relu\"  # layer relu, was Relu"
      ),
      ("scikit-learn", "solver=\"sgd\", learning_rate_init=0.1  # was 10", nil),
      ("numpy", "optimizer = {\"kind\": \"sgd\", \"learning_rate\": 0.1}  # was 10", nil),
    ] as [(String, String, String?)] {
      net.provenance = ["framework": framework]
      let text = ChangeText(try net.run())
      #expect(text.line(.learningRate(factor: 0.01)) == rate)
      if let op { #expect(text.line(.activations(nodes: ["relu"], to: .leakyRelu)) == op) }
      for change in [
        Change.asSet, .freshWeights, .letThrough(nodes: ["relu"]), .reshapedTargets(["y"]),
        .averaged,
        .withoutOutliers, .balanced, .shuffled, .withoutDropout, .unpenalized, .complete,
        .unclipped,
        .clipped(norm: 1), .unscheduled, .inserted(after: ["hidden"], op: .relu),
        .loss(term: 0, kind: "huber"), .updates(factor: 4), .scaledInputs(["x"]),
        .scaledTargets(["y"]), .optimizer(kind: "adam", learningRate: 1e-3),
        .head(node: "relu", to: .identity), .batches(rows: 32),
        .wider(nodes: ["hidden"], units: 32), .hiddenLayer(before: "hidden", units: 8),
      ] {
        #expect(!text.line(change).isEmpty && !text.name(change).isEmpty)
      }
    }
  }

  @Test func `a line says everything about what it sets`() throws {
    var net = RunFixture.dead()
    net.provenance = ["framework": "pytorch"]
    net.training["optimizer"] = .object([
      "kind": .string("sgd"), "learning_rate": .number(10), "momentum": .number(0.9),
      "weight_decay": .number(5),
    ])
    let run = try net.run()
    let slower = Change.learningRate(factor: 0.01)
    let both = ChangeText(run, together: [.unpenalized, slower])
    let line =
      "optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0)  # was 10"
    #expect(both.line(.unpenalized) == line && both.line(slower) == line)
    #expect(ChangeText(run).line(slower).contains("weight_decay=5"))
  }

  @Test func `many modules are replaced in a loop, of any depth`() throws {
    var net = RunFixture.dead()
    net.provenance = ["framework": "pytorch"]
    let text = ChangeText(try net.run())
    let line = text.line(.activations(nodes: ["relu", "relu", "relu", "relu"], to: .leakyRelu))
    #expect(line.contains("get_submodule(parent), own, nn.LeakyReLU())"))
  }

  @Test func `a check looks for a cure where it is asked to`() throws {
    var options = Check.Options()
    #expect(try Check(options).run(RunFixture.dead().run()).cure == nil)
    options.cure = true
    let report = try Check(options).run(RunFixture.dead().run())
    let cure = try #require(report.cure)
    #expect(cure.outcome == .cured && !cure.changes.isEmpty && report.revived != nil)
    #expect(cure.loss == report.revived?.loss)
  }

  @Test func `a run that tells nothing has no cure`() throws {
    var options = Check.Options()
    options.cure = true
    var net = RunFixture.dead()
    net.training["optimizer"] = nil
    let cure = try #require(try Check(options).run(net.run()).cure)
    #expect(cure.outcome == .notTried && cure.text.contains("which optimizer"))
  }
}
