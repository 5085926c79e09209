import Diagnosis
import Npy
import Runs

/// The findings in SARIF 2.1.0, which code scanning reads: causes first, each with its rule.
enum SarifReport {
  static func render(_ report: Report) -> String {
    var rules: [String] = []
    var numbers: [String: Int] = [:]
    for finding in report.findings where numbers["\(finding.rule)"] == nil {
      numbers["\(finding.rule)"] = rules.count
      rules.append("\(finding.rule)")
    }
    let titles = Dictionary(
      report.findings.map { ("\($0.rule)", $0.title) }, uniquingKeysWith: { first, _ in first })
    let driver: JSONValue = .object([
      "name": .string("Defib"), "version": .string("\(Release.version)"),
      "rules": .array(
        rules.map {
          .object(["id": .string($0), "shortDescription": message(titles[$0] ?? $0)])
        }),
    ])
    var run: [String: JSONValue] = [
      "tool": .object(["driver": driver]),
      "results": .array(
        report.findings.map { result($0, in: report, rule: numbers["\($0.rule)"] ?? 0) }),
    ]
    if let cure = CureOutline(report) {
      run["properties"] = .object(["cure": .array(cure.lines.map(JSONValue.string))])
    }
    let log: JSONValue = .object([
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"),
      "version": .string("2.1.0"),
      "runs": .array([.object(run)]),
    ])
    return Printable.json(log.text(pretty: true) + "\n")
  }

  private static func result(_ finding: Finding, in report: Report, rule: Int) -> JSONValue {
    let remedy = finding.remedy.isEmpty ? "" : " Remedy: \(finding.remedy)"
    var members: [String: JSONValue] = [
      "ruleId": .string("\(finding.rule)"), "ruleIndex": .int(rule),
      "level": .string(finding.severity.rawValue),
      "message": message("\(Outline.place(finding)): \(finding.message)\(remedy)"),
      "locations": .array([.object(location(finding))]),
      "partialFingerprints": .object(["finding/v1": .string(finding.id)]),
    ]
    let chain = chain(to: finding, in: report)
    if chain.count > 1 {
      let steps = chain.map { step -> JSONValue in
        var place = location(step)
        place["message"] = message("\(Outline.place(step)): \(step.title)")
        return .object(["location": .object(place)])
      }
      members["codeFlows"] = .array([
        .object(["threadFlows": .array([.object(["locations": .array(steps)])])])
      ])
    }
    return .object(members)
  }

  /// The line of code where the run tells it, else the run.
  private static func location(_ finding: Finding) -> [String: JSONValue] {
    let logical = finding.places.map { place -> JSONValue in
      .object(["name": .string(place.name), "kind": .string(place.kind.rawValue)])
    }
    return [
      "physicalLocation": .object([
        "artifactLocation": .object(["uri": .string(uri(finding.source?.file ?? "run.json"))]),
        "region": .object(["startLine": .int(finding.source?.line ?? 1)]),
      ]),
      "logicalLocations": .array(logical),
    ]
  }

  /// From a cause to what follows from it, by the first of the findings that explain each.
  private static func chain(to finding: Finding, in report: Report) -> [Finding] {
    var chain = [finding]
    while let id = chain[0].causedBy.first, let cause = report.finding(id),
      !chain.contains(where: { $0.id == id })
    {
      chain.insert(cause, at: 0)
    }
    return chain
  }

  /// A path in which other characters than RFC 3986 allows are escaped.
  private static func uri(_ path: String) -> String {
    let allowed = Set("/-._~".utf8)
    return path.utf8.map { byte in
      let isWord = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      if isWord || allowed.contains(byte) { return String(UnicodeScalar(byte)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  private static func message(_ text: String) -> JSONValue { .object(["text": .string(text)]) }
}
