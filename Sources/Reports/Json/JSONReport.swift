import Diagnosis
import Npy
import Runs

/// The report for programs, as docs/report-format.md has it.
///
/// Nothing in it depends on the time, the machine or the number of workers, and keys are sorted: a
/// run that is checked twice gives the same bytes twice.
enum JSONReport {
  /// The report as indented JSON, in which names cannot steer a terminal.
  static func render(_ report: Report) -> String {
    Printable.json(value(report).text(pretty: true) + "\n")
  }

  private static func value(_ report: Report) -> JSONValue {
    .object([
      "format": .string("defib-report"),
      "version": .int(1),
      "verdict": .string(report.verdict.rawValue),
      "missing": .strings(report.missing),
      "silenced": .int(report.silenced),
      "loop": report.loop.map {
        .object(["explained_by": .string($0.kind.rawValue), "text": .string($0.text)])
      } ?? .null,
      "cure": report.cure.map(cure) ?? .null,
      "healthy": .bool(report.isHealthy),
      "causes": .strings(report.causes),
      "findings": .array(report.findings.map { finding($0, in: report) }),
      "checked": .strings(report.checked),
      "not_checked": .array(
        report.notChecked.map {
          .object(["rule": .string($0.rule), "reason": .string($0.reason)])
        }),
      "run": run(report.summary),
      "timeline": report.timeline.map(timeline) ?? .null,
      "plots": report.plots.map(plots) ?? .null,
      "rendered": .string(TextReport().render(report)),
    ])
  }

  private static func finding(_ finding: Finding, in report: Report) -> JSONValue {
    .object([
      "id": .string(finding.id),
      "rule": .string(finding.rule.rawValue),
      "title": .string(finding.title),
      "severity": .string(finding.severity.rawValue),
      "place": place(finding.place, in: report, finding.source),
      "places": .array(finding.places.map { place($0, in: report) }),
      "message": .string(finding.message),
      "evidence": .array(finding.evidence.map(measure)),
      "caused_by": .strings(finding.causedBy),
      "remedy": .string(finding.remedy),
      "code": .string(finding.code),
      "since": finding.since.map(since) ?? .null,
    ])
  }

  private static func place(
    _ place: Place, in report: Report, _ source: SourceLine? = nil
  ) -> JSONValue {
    .object([
      "kind": .string(place.kind.rawValue),
      "name": .string(place.name),
      "layer": report.layers[place].map { .string($0) } ?? .null,
      "units": .ints(place.units),
      "columns": .strings(place.columns),
      "source": source.map {
        .object(["file": .string($0.file), "line": .int($0.line)])
      } ?? .null,
    ])
  }

  private static func measure(_ measure: Measure) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(measure.name),
      "value": measure.value,
      "unit": .string(measure.unit),
      "threshold": measure.threshold.map { .number($0) } ?? .null,
    ]
    // Somebody's column may be called "nan".
    if JSONMembers.readsAsNumber(measure.value) { members["is_text"] = .bool(true) }
    return .object(members)
  }

  private static func run(_ summary: Report.Summary) -> JSONValue {
    // A check names no run: the same data under another path gives the same bytes.
    let name: [String: JSONValue] = summary.name.isEmpty ? [:] : ["name": .string(summary.name)]
    let members: [String: JSONValue] = [
      "samples": .int(summary.samples),
      "parameters": .int(summary.parameters),
      "nodes": .int(summary.nodes),
      "batch_size": .int(summary.batchSize),
      "loss": summary.loss.map { .number($0) } ?? .null,
      "initial_loss": summary.initialLoss.map { .number($0) } ?? .null,
      "framework": .string(summary.framework),
      "digest": .string(summary.digest),
    ]
    return .object(members.merging(name) { first, _ in first })
  }
}
