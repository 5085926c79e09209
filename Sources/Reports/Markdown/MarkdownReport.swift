import Diagnosis
import Npy

/// The report for an issue, a merge request or a summary of a workflow: the tree of findings as lists.
enum MarkdownReport {
  static func render(_ report: Report) -> String {
    let headline = Headline(report)
    var lines = ["## \(text("\(headline.lead) \(headline.text)"))", ""]
    lines += [text(Outline.examined(report.summary)), ""]
    if let sentence = Outline.loop(report) { lines += [text(sentence), ""] }
    if report.verdict == .couldNotTell, !report.missing.isEmpty {
      lines += ["To judge it, hand over", ""] + report.missing.map { "- \(text($0))" } + [""]
    }
    let tree = FindingTree(report)
    for (number, cause) in tree.causes.enumerated() {
      add(cause, label: "\(number + 1).", depth: 0, to: &lines)
    }
    if !tree.causes.isEmpty { lines.append("") }
    addCure(report, to: &lines)
    if !tree.rest.isEmpty {
      lines += ["### \(Outline.restTitle(report))", ""]
      for branch in tree.rest { add(branch, label: "-", depth: 0, to: &lines) }
      lines.append("")
    }
    if !report.notChecked.isEmpty {
      lines += ["### Not checked", ""]
      for (reason, rules) in Outline.unchecked(report) {
        lines.append("- \(text(reason)): \(rules.map(code).joined(separator: ", "))")
      }
      lines.append("")
    }
    return lines.dropLast().joined(separator: "\n") + "\n"
  }

  private static func addCure(_ report: Report, to lines: inout [String]) {
    guard let cure = CureOutline(report) else { return }
    lines += ["### \(text(cure.title))", "", text(cure.text), ""]
    for change in cure.changes {
      lines += ["- \(text(change.text))", ""]
      // Four spaces more than the item's own make a block of code that no line in it can end.
      lines += change.code.split(separator: "\n").map { "      \(Printable.text(String($0)))" }
      lines.append("")
    }
    for note in cure.notes { lines += [text(note), ""] }
  }

  private static func add(
    _ branch: FindingTree.Branch, label: String, depth: Int, to lines: inout [String]
  ) {
    let finding = branch.finding
    let indent = String(repeating: " ", count: depth)
    let head = "\(finding.severity.rawValue) at \(Outline.place(finding)): \(finding.title)"
    lines.append("\(indent)\(label) **\(text(head))** \(code("\(finding.rule)"))")
    let inner = indent + String(repeating: " ", count: label.count + 1)
    var body = finding.message
    if let since = finding.since, finding.severity > .note { body += " Since: \(since.text)" }
    lines += ["", inner + text(body), ""]
    if depth == 0, !finding.remedy.isEmpty, finding.severity > .note {
      lines += ["\(inner)Remedy: \(text(finding.remedy))", ""]
    }
    for effect in branch.branches { add(effect, label: "-", depth: inner.count, to: &lines) }
  }

  /// A text in which nothing of a foreign name is Markdown or HTML.
  private static func text(_ text: String) -> String {
    var result = ""
    for character in Printable.text(text).unicodeScalars {
      switch character {
      case "\n", "\r": result += " "
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "@": result += "\\\(character)"
      default: result.unicodeScalars.append(character)
      }
    }
    var end = result.endIndex
    while end > result.startIndex, result[result.index(before: end)] == " " {
      end = result.index(before: end)
    }
    return String(result[..<end])
  }

  /// An id of a rule, which a report from a file may have made up.
  private static func code(_ id: String) -> String {
    "`\(Printable.text(id).filter { $0 != "`" && !$0.isNewline })`"
  }
}
