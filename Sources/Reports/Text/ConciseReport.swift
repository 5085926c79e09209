import Diagnosis
import Npy

/// A line per cause, and one where there is none: for a loop over many runs.
enum ConciseReport {
  static func render(_ report: Report) -> String {
    let causes = FindingTree(report).causes.map(\.finding)
    guard !causes.isEmpty else {
      let headline = Headline(report)
      return Printable.text([headline.lead, headline.text].joined(separator: " ").trimmed) + "\n"
    }
    return causes.map { line($0) + "\n" }.joined()
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
