import Diagnosis
import Npy

/// The causes as commands of a GitHub workflow, which shows them as annotations.
enum GitHubReport {
  static func render(_ report: Report) -> String {
    let causes = FindingTree(report).causes.map(\.finding)
    guard !causes.isEmpty else {
      let headline = Headline(report)
      return "::notice title=defib::\(data("\(headline.lead) \(headline.text)"))\n" + cure(report)
    }
    return causes.map { finding in
      let title = property("defib \(finding.rule) at \(Outline.place(finding))")
      let remedy = finding.remedy.isEmpty ? "" : "\nRemedy: \(finding.remedy)"
      let place = finding.source.map { "file=\(property($0.file)),line=\($0.line)," } ?? ""
      return
        "::\(finding.severity.rawValue) \(place)title=\(title)::\(data(finding.message + remedy))\n"
    }.joined() + cure(report)
  }

  private static func cure(_ report: Report) -> String {
    guard let cure = CureOutline(report) else { return "" }
    return "::notice title=defib cure::\(data(cure.lines.joined(separator: "\n")))\n"
  }

  /// A text after the second `::`, in which a line feed would end the command.
  private static func data(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.map { escaped(Printable.text(String($0))) }.joined(separator: "%0A")
  }

  /// A text before it, in which a colon or a comma would end the property.
  private static func property(_ text: String) -> String {
    var result = ""
    for character in escaped(Printable.text(text)) {
      switch character {
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.append(character)
      }
    }
    return result
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}
