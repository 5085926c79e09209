import Runs
import Support
import Testing

@testable import Diagnosis
@testable import Reports

/// The network along the training, in every format.
struct TimelineTests {
  private func made() throws -> Report {
    var net = RunFixture.dead()
    for (step, bias) in [(10, Float(0.1)), (40, -9)] {
      net.snapshot(
        step: step,
        [
          "hidden.weight": [1, 0.5, -1, 1, 0.3, -1, -0.5, -0.5],
          "hidden.bias": [Float](repeating: bias, count: 4), "out.weight": [1, -1, 0.5, 0.3],
          "out.bias": [0.3],
        ])
    }
    return try Check().run(net.run())
  }

  @Test func `text shows a line per moment, and when a cause began`() throws {
    let text = ReportFormat.text.render(try made())
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    let title = try #require(lines.firstIndex(of: ["Along", "the", "way"]))
    #expect(lines[title + 1].prefix(5) == ["update", "epoch", "loss", "dead", "units"])
    #expect(
      lines[title + 2].prefix(2) == ["10", "3"] && lines[title + 3].prefix(2) == ["40", "10"])
    #expect(lines[title + 4].prefix(3) == ["end", "(80)", "20"])
    let widths = text.split(separator: "\n")[(title + 1)...(title + 4)].map(\.count)
    #expect(Set(widths).count == 1)
    #expect(text.contains("Since: Began between updates 10 and 40: 4 of 4 units dead after 40"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!ReportFormat.text.render(try Check().run(RunFixture.dead().run())).contains("Along"))
  }

  @Test func `a page shows it too`() throws {
    let page = ReportFormat.html.render(try made())
    #expect(page.contains("<th>dead units</th>"))
    #expect(page.contains("Units alive along the training."))
    #expect(page.contains("<td>4 of 4</td>"))
    #expect(page.contains("<b>Since:</b> Began between updates 10 and 40"))
  }

  @Test(arguments: ReportFormat.allCases)
  func `it comes back from JSON`(format: ReportFormat) throws {
    let report = try made()
    let read = try Report(json: ReportFormat.json.render(report))
    #expect(format.render(read) == format.render(report))
    #expect(read.timeline?.moments.map(\.figures) == report.timeline?.moments.map(\.figures))
    #expect(read.findings.map(\.since) == report.findings.map(\.since))
  }

  @Test(arguments: [
    ("\"timeline\": 3", "the report's text.timeline: found 3, expected an object"),
    (
      "\"timeline\": {\"moments\": [{}]}",
      "the report's text.timeline.moments[0].when: found nothing, expected a text"
    ),
    (
      "\"timeline\": {\"moments\": [{\"when\": \"end\", \"step\": -1}]}",
      "the report's text.timeline.moments[0].step: found -1, expected a whole number ≥ 0"
    ),
  ])
  func `what is damaged is named`(member: String, message: String) {
    let text = "{\"format\": \"defib-report\", \"version\": 1, \"healthy\": true, \(member)}"
    #expect { try Report(json: text) } throws: { "\($0)" == message }
  }
}
