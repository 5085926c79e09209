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
      "results": .array(report.findings.map { result($0, rule: numbers["\($0.rule)"] ?? 0) }),
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

  private static func result(_ finding: Finding, rule: Int) -> JSONValue {
    let remedy = finding.remedy.isEmpty ? "" : " Remedy: \(finding.remedy)"
    let physical: JSONValue = .object([
      "artifactLocation": .object(["uri": .string("run.json")]),
      "region": .object(["startLine": .int(1)]),
    ])
    let logical = finding.places.map { place -> JSONValue in
      .object(["name": .string(place.name), "kind": .string(place.kind.rawValue)])
    }
    return .object([
      "ruleId": .string("\(finding.rule)"), "ruleIndex": .int(rule),
      "level": .string(finding.severity.rawValue),
      "message": message("\(Outline.place(finding)): \(finding.message)\(remedy)"),
      "locations": .array([
        .object(["physicalLocation": physical, "logicalLocations": .array(logical)])
      ]),
      "partialFingerprints": .object(["finding/v1": .string(finding.id)]),
    ])
  }

  private static func message(_ text: String) -> JSONValue { .object(["text": .string(text)]) }
}
