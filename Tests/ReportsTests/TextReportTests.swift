import Testing

@testable import Diagnosis
@testable import Reports

struct TextReportTests {
  @Test func `a healthy run`() throws {
    let text = TextReport().render(try report([]))
    #expect(text.hasPrefix("Healthy: 1 rule checked, no fault found.\nReplayed: 64 samples, "))
    #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
  }

  @Test func `nothing could be checked`() throws {
    let text = TextReport().render(
      try report([], checked: [], notChecked: [.init(rule: "first-fault", reason: "no data")]))
    #expect(text.hasPrefix("No rule could be checked.\n"))
    #expect(text.hasSuffix("\n\nNot checked\n   no data: first-fault\n"))
  }

  @Test func `a chain is shown link by link, each finding once`() throws {
    let text = TextReport().render(
      try report([
        Finding(FirstFault.self, .error, at: Place(.input, "x", units: [1]), "It begins."),
        Finding(SecondFault.self, .error, at: Place(.layer, "a"), "It goes on.")
          .following("first-fault:x"),
        // Two ways lead to the last one; the long one tells more.
        Finding(SecondFault.self, .warning, at: Place(.output, "b"), "It ends.")
          .following("first-fault:x", "second-fault:a"),
      ]))
    #expect(
      text.contains(
        """
        Diagnosis: 1 cause; 2 findings follow from it.
        """))
    #expect(
      text.contains(
        """
        1. error at input x, column 1: The first fault [first-fault]
           It begins.
           Remedy: Take it away.
           → explains: error at layer a: The second fault [second-fault]
             It goes on.
             → explains: warning at output b: The second fault [second-fault]
               It ends.

        """))
  }

  @Test func `what two causes explain stands under the first`() throws {
    let text = TextReport().render(
      try report([
        Finding(FirstFault.self, .error, at: Place(.input, "x"), "One."),
        Finding(FirstFault.self, .error, at: Place(.loss, "mse"), "Two."),
        Finding(SecondFault.self, .error, at: Place(.layer, "a"), "Both.")
          .following("first-fault:x", "first-fault:mse"),
      ]))
    #expect(
      text.hasPrefix("Diagnosis: 2 causes, most damaging first; 1 finding follows from them."))
    #expect(
      text.contains(
        """
           → explains: error at layer a: The second fault [second-fault] (together with
             first-fault at loss mse)
             Both.

        2. error at loss mse:
        """))
  }

  @Test func `long lists of units are short`() throws {
    let units = [0, 1, 2, 7] + (10..<5000).filter { $0 % 2 == 0 }
    let finding = Finding(FirstFault.self, .warning, at: Place(.layer, "a", units: units), "Here.")
    let text = TextReport().render(try report([finding]))
    #expect(
      text.contains("1. warning at layer a, units 0–2, 7, 10, 12, 14, 16, …: The first fault"))
  }

  @Test func `what holds in many places is said once`() throws {
    let cause = Finding(FirstFault.self, .error, at: Place(.run, "run"), "It begins.")
    let many = (0..<9).map { index in
      Finding(SecondFault.self, .error, at: Place(.parameter, "w\(index)"), "Nothing.")
        .following(cause.id)
    }
    let text = TextReport().render(try report([cause] + many))
    #expect(text.contains("1. error at the run: The first fault"))
    #expect(text.ranges(of: "→ explains").count == 1)
    #expect(text.contains("error at 9 parameters (w0, w1, w2, w3, w4, w5, w6, w7, …)"))
  }

  @Test func `notes stand apart, with what follows from them`() throws {
    let note = Finding(FirstFault.self, .note, at: Place(.target, "y"), "Worth knowing.")
    let follower = Finding(SecondFault.self, .note, at: Place(.loss, "mse"), "As this.")
      .following(note.id)
    let text = TextReport().render(try report([note, follower]))
    #expect(text.hasPrefix("Healthy: 1 rule checked, no fault found. 2 notes below.\n"))
    #expect(text.contains("\n\nNotes\n- note at target y: The first fault [first-fault]\n"))
    #expect(text.contains("   → explains: note at loss mse: The second fault"))
  }

  @Test(arguments: [40, 60, 80, 100])
  func `no line is wider than told`(width: Int) throws {
    let words = (0..<200).map { String(repeating: "w", count: 1 + $0 % 9) }.joined(separator: " ")
    var findings = [Finding(FirstFault.self, .error, at: Place(.layer, "l0"), words)]
    for depth in 1..<30 {
      let next = Finding(SecondFault.self, .error, at: Place(.layer, "l\(depth)"), words)
      findings.append(next.following(findings[depth - 1].id))
    }
    let text = TextReport(width: width).render(try report(findings))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= width })
    let painted = TextReport(color: true, width: width).render(try report(findings))
    let plain = painted.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
    #expect(plain == text)
    #expect(painted.contains("\u{1B}[1;31merror\u{1B}[0m"))
  }

  @Test func `the id of a rule leads to its page where there are links`() throws {
    let finding = Finding(FirstFault.self, .error, at: Place(.layer, "a"), "Here.")
    let made = try report([finding])
    let link = "\u{1B}]8;;https://a.b/rules/first-fault\u{1B}\\[first-fault]\u{1B}]8;;\u{1B}\\"
    let linked = TextReport(pages: "https://a.b/rules").render(made)
    #expect(linked.contains(link))
    #expect(linked.replacing(link, with: "[first-fault]") == TextReport().render(made))
    let hostile = Finding(
      rule: "a\u{1B}\\b", title: "x", severity: .error, place: Place(.layer, "a"), others: [],
      message: "", evidence: [], remedy: "", causedBy: [])
    let text = TextReport(pages: "https://a.b/rules").render(try report([hostile]))
    #expect(!text.contains("\u{1B}"))
  }

  @Test func `names cannot steer the terminal`() throws {
    let finding = Finding(
      FirstFault.self, .error, at: Place(.layer, "a\u{1B}[2J\u{7}b"), "Bell: \u{9B}31m.")
    let text = TextReport().render(try report([finding]))
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 && $0.value != 0x9B })
  }
}
