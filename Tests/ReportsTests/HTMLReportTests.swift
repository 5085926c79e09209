import Testing

@testable import Diagnosis
@testable import Reports

struct HTMLReportTests {
  @Test func `a page is whole in itself and runs nothing`() throws {
    let page = ReportFormat.html.render(try report([]))
    #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"))
    #expect(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'\""))
    #expect(page.hasSuffix("</body></html>\n"))
    for word in ["://", "<script", "src=", "href=", "url("] { #expect(!page.contains(word)) }
    #expect(page.contains("<span class=\"tone\">Healthy:</span> no fault was found in this run."))
    let named = ReportFormat.html.render(try report([]), name: "a<b")
    #expect(named.contains("<title>a&lt;b · Defib report</title>"))
    #expect(named.contains("no fault was found in a&lt;b."))
  }

  @Test func `a fragment is one element`() throws {
    let fragment = ReportFormat.htmlFragment.render(try report([]))
    #expect(fragment.hasPrefix("<div class=\"defib\"><style>\n.defib{"))
    #expect(fragment.hasSuffix("</div>\n") && !fragment.contains("<body"))
  }

  @Test func `a cause opens into what follows from it`() throws {
    let text = ReportFormat.htmlFragment.render(
      try report(
        [
          Finding(FirstFault.self, .error, at: Place(.input, "x", units: [1]), "It begins."),
          Finding(SecondFault.self, .warning, at: Place(.layer, "a"), "It goes on.")
            .following("first-fault:x"),
          Finding(SecondFault.self, .note, at: Place(.loss, "mse"), "By the way."),
        ], notChecked: [.init(rule: "third-fault", reason: "no data")]))
    #expect(text.contains("Something is wrong with</span> this run: the first fault.</h2>"))
    let section = [
      "<section class=\"cause error\"><h3><span class=\"rank\">1. </span>The first fault</h3>",
      "<p><span class=\"badge\">error</span> <code>input x, column 1</code> ",
      "<span class=\"quiet\">first-fault</span></p>",
      "<h4>What to do</h4><p>Take it away.</p><h4>How it shows</h4><p>It begins.</p>",
      "<details class=\"follows\"><summary>What follows from it: 1 finding</summary><ul class=\"chain\">",
      "<li class=\"warning\"><b>The second fault</b> ",
    ].joined()
    #expect(text.contains(section))
    #expect(text.contains("<h3>Beside these</h3><details class=\"side note\"><summary>"))
    #expect(
      text.contains(
        "<summary>1 rule not checked</summary><ul><li>no data: <code>third-fault</code></li></ul>"))
  }

  @Test func `every number of the evidence is shown`() throws {
    let text = ReportFormat.htmlFragment.render(
      try report([
        Finding(
          FirstFault.self, .warning, at: Place(.layer, "a"), "Here.",
          evidence: [
            Measure("largest_value", .infinity, unit: "times", threshold: 0.25),
            Measure("of each", .array([.number(0.5), .int(3), .string("nan"), .null])),
          ])
      ]))
    #expect(
      text.contains(
        "<tr><td>largest value</td><td>inf times</td><td>threshold 0.25</td></tr>"
          + "<tr><td>of each</td><td>0.5, 3, nan, </td><td></td></tr>"))
  }

  @Test func `places that the title has no room for are listed`() throws {
    var finding = Finding(FirstFault.self, .warning, at: Place(.layer, "l0"), "Here.")
    finding.others = (1..<300).map { Place(.layer, "l\($0)", units: [$0]) }
    let text = ReportFormat.htmlFragment.render(try report([finding]))
    #expect(text.contains("<code>300 layers (l0, l1, l2, l3, l4, l5, l6, l7, …)</code>"))
    #expect(text.contains("<li><code>layer l99, unit 99</code></li><li><code>…</code></li></ul>"))
    let short = Finding(FirstFault.self, .warning, at: Place(.layer, "a", units: [1, 2]), "Here.")
    #expect(try !ReportFormat.html.render(report([short])).contains("<li><code>"))
  }

  /// Whatever stands in a report, there is no element, attribute or entity but those of a report of
  /// harmless names.
  @Test(arguments: [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onclick='alert(1)",
    "</style><script>", "</details></div></body>", "&lt;script&gt;", "<!--", "]]>", "<\u{0}b>",
    "\u{202E}txt.exe", "\u{FF1C}script\u{FF1E}", "javascript:alert(1)",
  ])
  func `no name becomes markup`(name: String) throws {
    func page(_ name: String) throws -> String {
      let cause = Finding(
        FirstFault.self, .error, at: Place(.layer, name, units: [0]), name,
        evidence: [Measure(name, .string(name), unit: name)], remedy: name)
      let effect = Finding(SecondFault.self, .note, at: Place(.output, "b"), name)
        .following(cause.id)
      return ReportFormat.html.render(
        try report(
          [cause, effect], checked: [name], notChecked: [.init(rule: name, reason: name)]))
    }
    func tags(_ page: String) -> [Substring] { page.matches(of: #/<[^>]*>/#).map(\.output) }
    let hostile = try page(name)
    #expect(try tags(hostile) == tags(page("harmless")))
    #expect(hostile.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.isPrintable })
    let entities = Set(hostile.matches(of: #/&[^;]{0,6};?/#).map(\.output))
    #expect(entities.isSubset(of: ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]))
  }
}

/// How large a page is, and what is left out of it.
struct HTMLSizeTests {
  @Test func `a report of thousands of findings is a page of three hundred kilobytes`() throws {
    let cause = Finding(FirstFault.self, .error, at: Place(.run, "run"), "It begins.")
    let words = String(repeating: "words ", count: 60)
    let many = (0..<1200).map { index in
      Finding(
        SecondFault.self, .error, at: Place(.layer, "layer\(index)", units: Array(0..<500)), words,
        evidence: [Measure("units", .ints(Array(0..<500)))]
      ).following(cause.id)
    }
    let page = ReportFormat.html.render(try report([cause] + many))
    #expect(page.utf8.count <= 300_000)
    #expect(page.contains("What follows from it: 1200 findings"))
    #expect(page.contains("more: the report as JSON has all of them."))
  }

  @Test func `a long list of numbers is short`() throws {
    let finding = Finding(
      FirstFault.self, .error, at: Place(.layer, "a"), "Here.",
      evidence: [Measure("values", .ints(Array(1...5000)))])
    let page = ReportFormat.html.render(try report([finding]))
    #expect(page.contains("<td>1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, … (5000 in all)</td>"))
  }
}

extension Unicode.Scalar.Properties {
  /// Whether it neither steers nor hides anything.
  fileprivate var isPrintable: Bool {
    ![.control, .format, .lineSeparator, .paragraphSeparator].contains(generalCategory)
  }
}
