import Foundation
import Npy
import Runs
import Testing

@testable import Diagnosis
@testable import Reports

/// The formats that programs of others read, and the short ones.
struct MachineReportTests {
  private func faulty() throws -> Report {
    try report(
      [
        Finding(
          FirstFault.self, .error, at: Place(.layer, "a<b>,:%\n"), "50 % of it,\nor *more*."),
        Finding(SecondFault.self, .warning, at: Place(.output, "y"), "It follows.")
          .following("first-fault:a<b>,:%\n"),
      ], checked: ["first-fault", "second-fault", "third-fault"],
      notChecked: [.init(rule: "fourth-fault", reason: "no <data>")])
  }

  @Test func `a line per cause`() throws {
    let text = ReportFormat.concise.render(try faulty())
    #expect(text == "error at layer a<b>,:% : first-fault: 50 % of it, or *more*.\n")
    let sound = ReportFormat.concise.render(try report([]))
    #expect(sound == "Healthy: 1 rule checked, no fault found.\n")
  }

  @Test func `annotations of a workflow`() throws {
    let text = ReportFormat.github.render(try faulty())
    #expect(
      text == """
        ::error title=defib first-fault at layer a<b>%2C%3A%25 ::50 %25 of it,%0Aor *more*.\
        %0ARemedy: Take it away.

        """)
    #expect(ReportFormat.github.render(try report([])).hasPrefix("::notice title=defib::Healthy: "))
  }

  @Test func `a line of the user's code, and the chain from cause to effect`() throws {
    var made = try faulty().findings
    made[0].source = SourceLine(file: "a b/ü.py", line: 7)
    let read = try report(made)
    let github = ReportFormat.github.render(read)
    #expect(github.hasPrefix("::error file=a b/ü.py,line=7,title=defib first-fault at layer"))
    let sarif = try JSONValue(parsing: ReportFormat.sarif.render(read))
    let results = try #require(sarif["runs"]?.elements.first?["results"]?.elements)
    let place = results[0]["locations"]?.elements.first?["physicalLocation"]
    #expect(place?["artifactLocation"]?["uri"] == .string("a%20b/%C3%BC.py"))
    #expect(place?["region"]?["startLine"] == .int(7))
    #expect(results[0]["codeFlows"] == nil)
    let flow = results[1]["codeFlows"]?.elements.first?["threadFlows"]?.elements.first
    #expect(flow?["locations"]?.elements.count == 2)
    let again = try Report(json: ReportFormat.json.render(read))
    #expect(again.findings.map(\.source) == read.findings.map(\.source))
    #expect(ReportFormat.text.render(again).contains("(a b/ü.py:7)"))
  }

  @Test(arguments: ["population", "a<b>|`*_\n,:%", "\u{202E}x\u{1B}[1m"])
  func `columns by their names in every format`(name: String) throws {
    let place = Place(.input, "x", units: [3, 5], columns: [name, "income"])
    let made = try report([Finding(FirstFault.self, .error, at: place, "It is there.")])
    let again = try Report(json: ReportFormat.json.render(made))
    #expect(again.findings[0].place == place)
    for format in ReportFormat.allCases where format != .json {
      let text = format.render(made)
      #expect(text == format.render(again), "\(format)")
      #expect(text.contains("income"), "\(format)")
      #expect(!text.contains("columns 3"), "\(format)")
      #expect(Printable.text(text) == text.replacingOccurrences(of: "\n", with: " "), "\(format)")
      if name == "population" { #expect(text.contains("population"), "\(format)") }
    }
    #expect(
      ReportFormat.concise.render(made)
        == (name == "population"
          ? "error at input x, columns `population`, `income`: first-fault: It is there.\n"
          : ReportFormat.concise.render(again)))
    #expect(!ReportFormat.html.render(made).contains("a<b>"))
    #expect(!ReportFormat.junit.render(made).contains("a<b>"))
    #expect(!ReportFormat.markdown.render(made).contains("<b>"))
    #expect(ReportFormat.github.render(made).split(separator: "\n").count == 1)
  }

  @Test func `many columns and long names are shortened`() throws {
    let names = (0..<20).map { "\($0) " + String(repeating: "n", count: 300) }
    let place = Place(.input, "x", units: Array(0..<20), columns: names)
    let made = try report([Finding(FirstFault.self, .error, at: place, "It is there.")])
    let line = ReportFormat.concise.render(made)
    #expect(line.count < 600 && line.contains("…"))
    #expect(line.contains("`5 n") && !line.contains("`6 n"))
    var text = ReportFormat.json.render(made)
    text.replace(/"units"\s*:\s*\[/, with: "\"units\": [99, ")
    #expect(throws: ReportError.self) { try Report(json: text) }
  }

  @Test func `a test case per rule`() throws {
    let text = ReportFormat.junit.render(try faulty())
    let counter = TagCounter()
    let parser = XMLReader(text)
    #expect(parser.isBalanced, "\(text)")
    #expect(counter.count("<testcase ", in: text) == 4)
    #expect(text.contains("tests=\"4\" failures=\"2\" skipped=\"1\""))
    #expect(text.contains("<skipped message=\"no &lt;data&gt;\"/>"))
    #expect(text.contains("<testcase classname=\"defib\" name=\"third-fault\"/>"))
    #expect(text.contains("a&lt;b&gt;,:%"))
    #expect(text.contains("<failure type=\"error\" message=\"The first fault\">"))
  }

  @Test func `results of code scanning`() throws {
    let log = try JSONValue(parsing: ReportFormat.sarif.render(try faulty()))
    guard case .object(let top) = log, case .array(let runs)? = top["runs"],
      case .object(let run)? = runs.first, case .array(let results)? = run["results"],
      case .object(let first)? = results.first
    else { throw CancellationError() }
    #expect(top["version"] == .string("2.1.0"))
    #expect(results.count == 2)
    #expect(first["ruleId"] == .string("first-fault"))
    #expect(first["ruleIndex"] == .int(0))
    #expect(first["level"] == .string("error"))
    guard case .object(let tool)? = run["tool"], case .object(let driver)? = tool["driver"],
      case .array(let rules)? = driver["rules"]
    else { throw CancellationError() }
    #expect(rules.count == 2)
  }

  @Test func `lists for an issue`() throws {
    let text = ReportFormat.markdown.render(try faulty())
    #expect(text.hasPrefix("## Diagnosis: 1 cause; 1 finding follows from it.\n\nReplayed: "))
    #expect(text.contains("1. **error at layer a&lt;b>,:% : The first fault** `first-fault`"))
    #expect(text.contains("\n   50 % of it, or \\*more\\*.\n"))
    #expect(text.contains("\n   Remedy: Take it away.\n"))
    #expect(text.contains("\n   - **warning at output y: The second fault** `second-fault`\n"))
    #expect(text.contains("### Not checked\n\n- no &lt;data>: `fourth-fault`\n"))
    #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
  }
}

private struct TagCounter {
  func count(_ tag: String, in text: String) -> Int { text.components(separatedBy: tag).count - 1 }
}

/// As much of XML as tells whether every element ends.
private struct XMLReader {
  let isBalanced: Bool

  init(_ text: String) {
    var open: [Substring] = []
    var isSound = true
    for piece in text.split(separator: "<").dropFirst() {
      guard let end = piece.firstIndex(of: ">") else {
        isSound = false
        break
      }
      let tag = piece[..<end]
      let name = tag.drop { $0 == "/" }.prefix { $0 != " " }
      if tag.hasPrefix("/") {
        isSound = isSound && open.popLast() == name
      } else if !tag.hasSuffix("/") {
        open.append(name)
      }
    }
    isBalanced = isSound && open.isEmpty
  }
}
