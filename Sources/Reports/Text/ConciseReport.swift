import Diagnosis
import Npy

/// A line per cause, or one where there is none, and one for the cure: for a loop over many runs.
enum ConciseReport {
  static func render(_ report: Report) -> String {
    let causes = FindingTree(report).causes.map(\.finding)
    guard !causes.isEmpty else {
      let headline = Headline(report)
      let told = [headline.lead, headline.text].joined(separator: " ").trimmed
      return Printable.text(told) + "\n" + cure(report)
    }
    return causes.map { line($0) + "\n" }.joined() + cure(report)
  }

  /// `cure: ReLU in place of Sigmoid at dense: …`, where one was asked for.
  private static func cure(_ report: Report) -> String {
    guard let cure = CureOutline(report) else { return "" }
    let title = cure.title.prefix(1).lowercased() + cure.title.dropFirst()
    return Printable.text("\(title): \(cure.text)") + "\n"
  }

  /// `error at layer relu: dead-units: 16 of 16 units never fire.`
  private static func line(_ finding: Finding) -> String {
    let message = finding.message.split(whereSeparator: \.isNewline).joined(separator: " ")
    return Printable.text(
      "\(finding.severity.rawValue) at \(Outline.place(finding)): \(finding.rule): \(message)")
  }
}

extension String {
  /// Without a space at its end.
  fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
