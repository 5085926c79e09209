import Foundation
import Runs
import Support
import Testing

@testable import Diagnosis
@testable import Reports

/// Reports that were kept as JSON and come back.
struct ReadTests {
  @Test(arguments: ReportFormat.allCases)
  func `a report that comes back looks the same`(format: ReportFormat) throws {
    var first = Finding(
      FirstFault.self, .error, at: Place(.parameter, "out.weight", units: [2]), "Bad.",
      evidence: [
        Measure("ratio", -.infinity, unit: "times", threshold: .infinity),
        Measure("list", .array([.int(1), .object(["a": .null])])),
        Measure("columns", .strings(["nan", "-inf", "x"])), Measure("drift", .numbers([.nan, 1])),
      ], remedy: "Do this.")
    first.others = [Place(.run, "run")]
    let second = Finding(SecondFault.self, .note, at: Place(.loss, "mse"), "As this.")
      .following(first.id)
    let made = try report([first, second], notChecked: [.init(rule: "other", reason: "no data")])
    let read = try Report(json: ReportFormat.json.render(made))
    #expect(format.render(read) == format.render(made))
  }

  @Test func `a column called nan stays a name, and a number that is none a number`() throws {
    let made = try report([
      Finding(
        FirstFault.self, .error, at: Place(.run, "run"), "Bad.",
        evidence: [
          Measure("columns", .strings(["nan", "x"])), Measure("name", .string("inf")),
          Measure("drift", .numbers([.nan, 1])), Measure("largest", .infinity),
        ], remedy: "Do this.")
    ])
    let text = ReportFormat.json.render(made)
    #expect(text.split(separator: "is_text").count == 3)
    let evidence = try #require(try Report(json: text).findings.first).evidence
    #expect(evidence[0].value == .strings(["nan", "x"]) && evidence[1].value == .string("inf"))
    guard case .array(let drift) = evidence[2].value, case .number(let first)? = drift.first else {
      Issue.record("drift is \(evidence[2].value)")
      return
    }
    #expect(first.isNaN && evidence[3].value == .number(.infinity))
  }

  @Test(arguments: ReportFormat.allCases)
  func `a cure that comes back looks the same`(format: ReportFormat) throws {
    var made = try report([])
    made.cure = CureStatement(
      outcome: .helped, text: "Tried: <less>.", score: "R²", judged: (20, true), updates: 300,
      before: -1, asSet: [0.1, 0.2], after: [0.8, 0.75, 0.9],
      changes: [
        .init(text: "no dropout", code: "nn.Dropout(0)", rule: "first-fault", without: [0.5]),
        .init(text: "weights drawn anew", code: "a\nb", rule: nil, without: []),
      ],
      courses: [
        .init(name: "as set, again", updates: [0, 50, 100], scores: [-1, 0.1, 0.2]),
        .init(name: "with the cure", updates: [0, 50, 100], scores: [-1, 0.5, 0.8]),
      ], tried: [.init(text: "clipped", scores: [0.25])],
      notTried: [.init(what: "other", reason: "no data")], loss: 0.125,
      additions: ["x = (x - 1.0) / 2.0"])
    let read = try Report(json: ReportFormat.json.render(made))
    #expect(format.render(read) == format.render(made))
    let text = ReportFormat.text.render(read)
    #expect(text.contains("What helps: Tried: <less>."))
    #expect(text.contains("no dropout: 0.5 without it\n       nn.Dropout(0)"))
    #expect(text.contains("by itself: clipped (0.25)."))
    #expect(text.contains("Not tried: other: no data."))
    let page = ReportFormat.html.render(read)
    #expect(page.contains("Tried: &lt;less&gt;.") && page.contains("with the cure: ends at 0.8"))
    #expect(read.cure?.courses == made.cure?.courses)
    for format in ReportFormat.allCases {
      #expect(format.render(read).contains("Tried: "), "\(format)")
    }
  }

  @Test func `the page of the command line names every format`() throws {
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/cli.md"), encoding: .utf8)
    let names = ReportFormat.allCases.map(\.rawValue).joined(separator: "\\|")
    #expect(page.contains("| `--format \(names)` |"))
  }

  @Test func `a real report comes back`() throws {
    let json = ReportFormat.json.render(try Check().run(RunFixture.dead().run()))
    #expect(try ReportFormat.json.render(Report(json: json)) == json)
  }

  @Test func `an earlier release had less to say`() throws {
    let read = try Report(
      json: """
        {"format": "defib-report", "version": 1, "healthy": false, "causes": ["a:x"], "later": 1,
         "findings": [{"id": "a:x", "rule": "a", "severity": "error", "message": "Bad.",
                       "place": {"kind": "input", "name": "x"}}],
         "run": {"loss": "nan"}}
        """)
    #expect(read.verdict == .faults && read.causes == ["a:x"])
    #expect(read.findings[0].title == "a" && read.findings[0].places == [Place(.input, "x")])
    #expect(read.summary.loss?.isNaN == true)
    #expect(ReportFormat.text.render(read).contains("1. error at input x: a [a]\n   Bad."))
  }

  @Test(arguments: [
    ("", "the report is no JSON: line 1, column 1: found the end, expected a value"),
    ("[]", "the report's text: found a list of 0, expected an object"),
    ("{}", "the report's text.format: found nothing, expected \"defib-report\""),
    (
      #"{"format": "defib-report", "version": 2}"#,
      "the report's text.version: found 2, expected 1"
    ),
    (
      Self.json(#""causes": ["a:x"]"#),
      "the report's text.causes: found \"a:x\", expected the id of a finding"
    ),
    (
      Self.json(
        #""plots": {"constant": "", "layers": [{"kind": "layer", "name": "a", "inputs": [0]}]}"#),
      "the report's text.plots.layers[0].inputs: found a list of 1, "
        + "expected indices of layers before it"
    ),
    (
      Self.json(#""plots": {"constant": "", "fits": [{"name": "y", "targets": [1]}]}"#),
      "the report's text.plots.fits[0].predictions: found nothing, expected one for each target"
    ),
    (
      Self.json(#""findings": [{}]"#),
      "the report's text.findings[0].rule: found nothing, expected a text"
    ),
    (
      Self.json(#""findings": [{"rule": "a"}]"#),
      "the report's text.findings[0].place: found null, expected an object"
    ),
    (
      Self.json(#""findings": [\#(Self.finding.replacing("error", with: "bad"))]"#),
      "the report's text.findings[0].severity: found \"bad\", "
        + "expected \"note\" or \"warning\" or \"error\""
    ),
    (
      Self.json(#""findings": [\#(Self.finding), \#(Self.finding)]"#),
      "the report's text.findings[1].id: found \"a:x\" again, expected another"
    ),
    (
      Self.json(#""findings": [\#(Self.finding.replacing("a:x", with: "b:x"))]"#),
      "the report's text.findings[0].id: found \"b:x\", expected \"a:x\""
    ),
    (
      Self.json(#""run": {"samples": -1}"#),
      "the report's text.run.samples: found -1, expected a whole number ≥ 0"
    ),
    (
      Self.json(#""findings": [\#((0..<10_001).map { _ in "0" }.joined(separator: ","))]"#),
      "the report's text.findings: found a list of 10001, expected at most 10000"
    ),
  ])
  func `what is no report says why`(text: String, message: String) {
    #expect { try Report(json: text) } throws: { "\($0)" == message }
  }

  private static let finding =
    #"{"id": "a:x", "rule": "a", "severity": "error", "message": "", "#
    + #""place": {"kind": "input", "name": "x"}}"#

  private static func json(_ member: String) -> String {
    #"{"format": "defib-report", "version": 1, \#(member)}"#
  }
}
