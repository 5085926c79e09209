import Diagnosis

/// The rules as test cases of JUnit's XML, which continuous integration shows: a finding of severity error
/// or warning is a failure, and a rule that lacked something is skipped.
enum JUnitReport {
  static func render(_ report: Report) -> String {
    let alarms = report.findings.filter { $0.severity > .note }
    let failed = Dictionary(grouping: alarms, by: { "\($0.rule)" })
    // Each rule once: a rule may have been evaluated although a report, read from a file, says no.
    let checked = Set(report.checked).union(failed.keys).sorted()
    let skipped = report.notChecked.filter { !checked.contains($0.rule) }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    lines.append(
      "<testsuite name=\"defib\" tests=\"\(checked.count + skipped.count)\""
        + " failures=\"\(failed.count)\" skipped=\"\(skipped.count)\">")
    for rule in checked {
      guard let findings = failed[rule] else {
        lines.append("  <testcase classname=\"defib\" name=\"\(text(rule))\"/>")
        continue
      }
      let what = findings.map { "\(Outline.place($0)): \($0.message)" }.joined(separator: "\n")
      let worst = findings.map(\.severity).max() ?? .warning
      lines += [
        "  <testcase classname=\"defib\" name=\"\(text(rule))\">",
        "    <failure type=\"\(worst.rawValue)\" message=\"\(text(findings[0].title))\">"
          + what.split(separator: "\n").map { text(String($0)) }.joined(separator: "\n")
          + "</failure>",
        "  </testcase>",
      ]
    }
    for rule in skipped {
      lines += [
        "  <testcase classname=\"defib\" name=\"\(text(rule.rule))\">",
        "    <skipped message=\"\(text(rule.reason))\"/>",
        "  </testcase>",
      ]
    }
    if let cure = CureOutline(report) {
      let told = cure.lines.map(text).joined(separator: "\n")
      lines.append("  <system-out>\(told)</system-out>")
    }
    return lines.joined(separator: "\n") + "\n</testsuite>\n"
  }

  /// XML escapes what HTML does.
  private static func text(_ text: String) -> String { Markup.text(text).source }
}
