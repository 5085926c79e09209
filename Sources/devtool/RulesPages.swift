import Diagnosis

/// docs/rules/: the list of all rules, and a page for each.
enum RulesPages {
  static var all: [(String, String)] {
    let rules = RuleRegistry.all.map { $0.info }.sorted { $0.id < $1.id }
    return [("docs/rules/index.md", index(rules))]
      + rules.map { ("docs/rules/\($0.id).md", page($0)) }
  }

  private static func index(_ rules: [RuleInfo]) -> String {
    """
    \(Markdown.notice)

    # Rules

    Every fault that `defib check` looks for. A proof is measured on all samples of the run; a
    heuristic is a sign that experience links with the fault. `defib rules ID` prints a page.

    \(Markdown.table(
      ["rule", "fires when", "evidence", "severity"],
      rules.map {
        ["[\($0.id)](\($0.id).md)", $0.summary, $0.evidence.rawValue, $0.severity.rawValue]
      }))
    """
  }

  private static func page(_ info: RuleInfo) -> String {
    let thresholds =
      info.thresholds.isEmpty
      ? ""
      : """

      ## Thresholds

      Set with `defib check RUN --set \(info.id).NAME=NUMBER`.

      \(Markdown.table(
        ["name", "default", "unit", "meaning"],
        info.thresholds.map {
          ["`\($0.name)`", Wording.number($0.value), $0.unit, $0.meaning]
        }))
      """
    return """
      \(Markdown.notice)

      # \(info.id)

      **\(info.title).** \(info.summary)

      \(info.rationale)

      **Remedy.** \(info.remedy)
      \(thresholds)
      ## Worked examples

      Each is a test of the rule.

      \(Markdown.table(
        ["example", "outcome"], info.examples.map { [$0.title, outcome($0.expectation)] }))
      Source: \(info.source).

      """
  }

  private static func outcome(_ expectation: Example.Expectation) -> String {
    switch expectation {
    case .fires(let places): "fires at `\(places.joined(separator: "`, `"))`"
    case .silent: "silent"
    case .cannotTell: "cannot be checked"
    }
  }
}
