import Npy
import Testing

@testable import Diagnosis
@testable import Replay
@testable import Runs

/// Reports speak as the framework of the run does.
struct TermsTests {
  private static let frameworks = ["pytorch", "keras", "scikit-learn", "numpy", "onnx"]

  private static func run(_ net: RunBuilder, of framework: String) throws -> Run {
    guard case .object(var document) = net.document else { throw CancellationError() }
    document["provenance"] = .object([
      "framework": .string(framework), "version": .string("1"),
    ])
    let arrays = try net.arrays.map { path, values in
      (path, try FloatBlock(values.memory).array(values.shape, name: path))
    }
    return try Run.open(
      json: JSONValue.object(document).text(), arrays: Dictionary(uniqueKeysWithValues: arrays))
  }

  /// A network with a sigmoid before a loss on logits.
  private static func squeezed(_ net: inout RunBuilder) {
    net.input((0..<40).map { [Float($0 % 7) - 3] })
    net.dense("fc", [[0.5]], bias: [0])
    net.layer("Sigmoid")
    net.loss("bce-with-logits", shape: [40, 1], (0..<40).map { $0 % 7 > 3 ? 1 : 0 })
  }

  @Test(
    arguments: zip(
      frameworks,
      [
        "`nn.BCEWithLogitsLoss()` expects",
        "the loss `binary_crossentropy(from_logits=True)` expects",
        "the loss `log_loss` expects", "the bce-with-logits loss expects",
        "the bce-with-logits loss expects",
      ]))
  func `a loss by its user's name`(framework: String, text: String) throws {
    var net = RunBuilder()
    Self.squeezed(&net)
    let report = try Check().run(try Self.run(net, of: framework))
    let found = try #require(report.findings.first { $0.rule == .activationLossMismatch })
    #expect(found.message.contains(text), "\(found.message)")
  }

  @Test func `a loss on classes is sparse where its targets are indices`() throws {
    for (isDense, name) in [(true, "`categorical_crossentropy"), (false, "`sparse_categorical_")] {
      var net = RunBuilder()
      net.input((0..<6).map { [Float($0)] })
      net.dense("fc", [[1], [2], [3]])
      let labels = (0..<6).map { Float($0 % 3) }
      let marks = labels.flatMap { label in (0..<3).map { Float($0) == label ? Float(1) : 0 } }
      net.loss("cross-entropy", shape: isDense ? [6, 3] : [6], isDense ? marks : labels)
      let exam = try Check().examine(try Self.run(net, of: "keras"), Progress())
      #expect(exam.loss(exam.run.losses[0]).hasPrefix(name))
      #expect(exam.theLoss(exam.run.losses[0]).hasSuffix("(from_logits=True)`"))
    }
  }

  @Test(
    arguments: zip(
      frameworks,
      [
        "message says.", "message says.", "(here: `max_iter` and `tol`).", "message says.",
        "message says.",
      ]))
  func `a remedy names the setting`(framework: String, text: String) throws {
    var net = RunBuilder()
    LearningRateTooHigh.line(&net, rate: 0.05, steps: 4, ended: 1)
    let report = try Check().run(try Self.run(net, of: framework))
    let found = try #require(report.findings.first { $0.rule == .tooFewUpdates })
    #expect(found.remedy.hasSuffix(text), "\(found.remedy)")
    #expect(!found.remedy.contains("learning rate"))
  }

  @Test func `what holds the weights down is named, and nothing else`() throws {
    for (framework, name) in [("pytorch", "weight decay (`weight_decay`)"), ("numpy", "decay by")] {
      let example = try #require(StrongRegularization.info.examples.first)
      var net = RunBuilder()
      example.build(&net)
      let run = try Self.run(net, of: framework)
      let found = try StrongRegularization().check(try Check().examine(run, Progress()))
      #expect(found[0].remedy.contains(name), "\(found[0].remedy)")
      #expect(found[0].message.contains("without weight decay,"))
      #expect(!found[0].remedy.contains("penalty"))
    }
  }

  @Test(arguments: frameworks)
  func `what is missing can be handed over`(framework: String) throws {
    var net = RunBuilder()
    net.input((0..<40).map { [Float($0 % 7) - 3, Float($0 % 5)] })
    net.dense("fc", [[0.5, 1]], bias: [0])
    let bare = try Check().run(try Self.run(net, of: framework))
    net.loss("mse", shape: [40, 1], (0..<40).map { Float($0 % 7) })
    let plain = try Check().run(try Self.run(net, of: framework))
    net.training = [
      "mode": .string("eval"),
      "optimizer": .object(["kind": .string("sgd"), "learning_rate": .number(0.1)]),
    ]
    let evaluated = try Check().run(try Self.run(net, of: framework))
    let reasons = Set((bare.notChecked + plain.notChecked + evaluated.notChecked).map(\.reason))
    for words in ["loss= and y", "optimizer=", "initial=, ", "history=, ", "validation=(x, y)"] {
      #expect(reasons.contains { $0.contains("(hand over \(words)") }, "\(words): \(reasons)")
    }
    for missing in Lack.Missing.allCases {
      #expect(
        reasons.contains { Lack.Missing.of(String($0.prefix { $0 != "(" }).trimmed) == missing },
        "\(missing)")
    }
    for reason in reasons where Lack.Missing.of(reason) != nil {
      #expect(reason.contains("hand over"), "\(reason)")
    }
    // The program knows which of two holds.
    let choices = reasons.filter { $0.contains(", or ") && !$0.contains("hand over") }
    #expect(choices.isEmpty, "\(choices)")
  }

  @Test func `the one reason that holds is told`() throws {
    func reasons(_ build: (inout RunBuilder) -> Void) throws -> [String: String] {
      var net = RunBuilder()
      build(&net)
      let report = try Check().run(try net.run())
      return Dictionary(
        report.notChecked.map { ($0.rule, $0.reason) }, uniquingKeysWith: { first, _ in first })
    }
    let wide = try reasons { net in
      net.input((0..<4).map { row in (0..<300).map { Float(($0 * row) % 7) } })
      net.dense("fc", [[Float](repeating: 0.01, count: 300)])
      net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    }
    #expect(wide["ignored-feature"] == "300 features, and up to 256 are looked at one by one")
    #expect(wide["feature-outliers"] == "4 samples of at least 20")
    let still = try reasons { net in
      net.input((0..<4).map { [Float($0), 1] })
      net.dense("fc", [[0, 0]])
      net.loss("mse", shape: [4, 1], [2, 2, 2, 2])
    }
    #expect(still["dominant-feature"] == "no feature moves the predictions")
    #expect(still["loss-at-baseline"] == "the targets are constant")
  }
}

extension String {
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
