import ArgumentParser

/// `devtool new-rule ID`
struct NewRule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-rule",
    abstract:
      "Writes Sources/Diagnosis/Rules/CATEGORY/ID.swift with worked examples, and registers it.")

  @Argument(help: "The kebab-case id, which names the fault and never the remedy.")
  var id: String

  @Option(help: "The folder below Sources/Diagnosis/Rules, such as Signal.")
  var category: String

  func run() throws {
    guard id.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil else {
      throw ValidationError("\"\(id)\" is no id of a rule: expected one like dead-units")
    }
    let name = id.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    let repository = try Repository()
    let categories = try Self.categories(of: repository)
    guard categories.contains(category) else {
      throw ValidationError(
        "\"\(category)\" is no category: expected one of \(categories.joined(separator: ", "))")
    }
    try repository.create("\(Self.folder)/\(category)/\(name).swift", Self.template(name, id))
    try Register.write(repository)
    print(
      """
      Next: write its check, then run `swift test --filter DiagnosisTests` and
      `swift run devtool docs`.
      """)
  }

  private static let folder = "Sources/Diagnosis/Rules"

  /// The folders that hold rules.
  static func categories(of repository: Repository) throws -> [String] {
    let folders = try repository.swiftFiles(below: folder).compactMap { path in
      let inner = path.dropFirst(folder.count + 1).split(separator: "/")
      return inner.count > 1 ? String(inner[0]) : nil
    }
    return Set(folders).sorted()
  }

  /// A rule that compiles and whose examples pass: it fires where the loss is above a threshold.
  static func template(_ name: String, _ id: String) -> String {
    """
    import Replay

    /// What is wrong, in one sentence.
    struct \(name): Rule {
      static let limit = Threshold("limit", 1, unit: "loss", "a higher loss fires")

      static let info = RuleInfo(
        id: "\(id)", title: "A few words", severity: .warning, evidence: .proof,
        summary: "One sentence: when it fires.",
        rationale: "Why it harms, and how it is told from what looks alike but is harmless.",
        remedy: "What to change.", source: "The paper or page that the threshold comes from",
        thresholds: [limit], examples: examples)

      func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
        try exam.requireLoss()
        let limit = exam.value(Self.limit, of: Self.self)
        guard exam.current.loss > limit else { return [] }
        return [
          Finding(
            Self.self, .warning, at: Place(.run, "run"),
            "The loss is \\(Wording.number(exam.current.loss)).",
            evidence: [Measure("loss", exam.current.loss, threshold: limit)])
        ]
      }
    }

    extension \(name) {
      private static let examples: [Example] = [
        .fires("far from the target", at: ["run"]) { net in
          net.input([[1], [2]])
          net.dense("fc", [[1]])
          net.loss("mse", shape: [2, 1], [10, 20])
        },
        .silent("on the target") { net in
          net.input([[1], [2]])
          net.dense("fc", [[1]])
          net.loss("mse", shape: [2, 1], [1, 2])
        },
        .cannotTell("no loss") { net in
          net.input([[1], [2]])
          net.dense("fc", [[1]])
        },
      ]
    }

    """
  }
}
