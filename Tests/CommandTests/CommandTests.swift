import Foundation
import Npy
import Support
import Testing

/// Complete outcomes of the built command line.
struct CommandTests {
  let folder = TemporaryFolder()

  @Test func `a sound run is healthy`() throws {
    _ = try folder.write(RunFixture.sound())
    try Snapshot.check(Command.defib("check", "run", in: folder), "check-sound")
  }

  @Test func `a dead layer is found`() throws {
    _ = try folder.write(RunFixture.dead())
    try Snapshot.check(Command.defib("check", "run", in: folder), "check-dead")
  }

  @Test func `a report as JSON`() throws {
    _ = try folder.write(RunFixture.dead())
    let outcome = try Command.defib("check", "run", "--format", "json", in: folder)
    try Snapshot.check(outcome, "check-json")
  }

  @Test func `a report for a browser`() throws {
    _ = try folder.write(RunFixture.dead())
    let kept = try Command.defib(
      "check", "run", "--format", "html", "--output", "report.html", in: folder)
    #expect(kept == Command.Outcome(status: 1, output: "", errors: ""))
    let page = String(decoding: folder.read("report.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>\n"))
    let fragment = try Command.defib("check", "run", "--format", "html-fragment", in: folder)
    #expect(fragment.status == 1 && fragment.output.hasPrefix("<div class=\"defib\">"))
    // Everything but the style sheet, which stands in the head of a page.
    let body = try #require(fragment.output.split(separator: "</style>").last)
    #expect(page.contains(body.trimmingCharacters(in: .newlines)))
  }

  @Test func `a run is revived`() throws {
    _ = try folder.write(RunFixture.dead())
    let outcome = try Command.defib("revive", "run", "--output", "revived", in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors == "defib: wrote revived\n")
    #expect(outcome.output.contains("\nCure: Tried and proved: "))
    // What is written is a run, and no error is left in it.
    let again = try Command.defib("check", "revived", in: folder)
    #expect(again.status == 0, "\(again.output)")
    let taken = try Command.defib("revive", "run", "--output", "revived", "--quiet", in: folder)
    #expect(taken.status == 2 && taken.output.isEmpty)
    #expect(taken.errors.contains("revived: cannot be made a folder: File exists"))
  }

  @Test func `what cannot be revived is not written`() throws {
    _ = try folder.write(RunFixture.sound())
    var open = RunFixture.dead()
    open.training["optimizer"] = nil
    _ = try folder.write(open, to: "open")
    let outcome = try Command.defib("revive", "open", "--output", "revived", in: folder)
    #expect(outcome.status == 1 && outcome.output.contains("which optimizer"))
    #expect(!folder.names.contains("revived"))
  }

  @Test func `the two inspectors differ in their names alone`() throws {
    _ = try folder.write(RunFixture.sound())
    for arguments in [
      "--help", "--nonsense", "--bins 0 x.npy", "run/data/x.npy none.npy", "diff --help",
      "check --help", "help check", "diff run run/none", "check run", "diff run",
    ] {
      let own = try Command.shell("$NPYINSPECT \(arguments)", in: folder)
      let ours = try Command.shell("$DEFIB inspect \(arguments)", in: folder)
      func plain(_ text: String) -> [Substring] {
        text.replacing("defib inspect", with: "npyinspect")
          .replacing("defib: error", with: "npyinspect: error")
          .replacing("defib help inspect", with: "npyinspect help")
          .split(separator: "\n").filter { !$0.contains("--version") && !$0.contains("--help") }
      }
      #expect(own.status == ours.status && own.output.isEmpty == ours.output.isEmpty)
      #expect(plain(own.output) == plain(ours.output))
      #expect(plain(own.errors) == plain(ours.errors))
    }
  }

  @Test func `the threshold of the exit status`() throws {
    _ = try folder.write(RunFixture.dead())
    for (failOn, status) in [("error", 1), ("warning", 1), ("never", 0)] as [(String, Int32)] {
      let outcome = try Command.defib("check", "run", "--fail-on", failOn, in: folder)
      #expect(outcome.status == status, "--fail-on \(failOn)")
    }
  }

  @Test func `rules can be chosen and set`() throws {
    _ = try folder.write(RunFixture.dead())
    let chosen = try Command.defib(
      "check", "run", "--select", "dead-units,zero-gradient", "--ignore", "zero-gradient",
      "--format", "json", in: folder)
    #expect(chosen.output.contains("\"dead-units\"\n  ],"))
    let ignored = try Command.defib(
      "check", "run", "--select", "dead-units", "--set", "dead-units.error-share=2",
      "--set", "dead-units.warn-share=2", in: folder)
    #expect(ignored.status == 0, "\(ignored)")
  }

  @Test func `a report in a file`() throws {
    _ = try folder.write(RunFixture.dead())
    let shown = try Command.defib("check", "run", in: folder)
    let kept = try Command.defib("check", "run", "--output", "report.txt", in: folder)
    #expect(kept == Command.Outcome(status: 1, output: "", errors: ""))
    #expect(String(decoding: folder.read("report.txt"), as: UTF8.self) == shown.output)
    #expect(folder.names == ["report.txt", "run"])
    let lost = try Command.defib("check", "run", "--output", "no/report.txt", in: folder)
    #expect(lost.status == 2)
    #expect(lost.output.isEmpty && lost.errors.hasPrefix("defib: error: no/report.txt: "))
  }

  @Test func `several runs, one of which cannot be read`() throws {
    _ = try folder.write(RunFixture.dead())
    let outcome = try Command.defib(
      "check", "run", "none", "run/run.json", "--format", "concise", in: folder)
    #expect(outcome.status == 2)
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("run: error at layer ") })
    #expect(lines.contains { $0.hasPrefix("run/run.json: error at layer ") })
    #expect(outcome.errors.hasPrefix("defib: error: none"))
    let titled = try Command.defib("check", "run", "run", in: folder)
    #expect(titled.output.hasPrefix("== run\n\nDiagnosis: "))
    #expect(titled.output.contains("\n\n== run\n\nDiagnosis: "))
    let one = try Command.defib("check", "run", "run", "--format", "json", in: folder)
    #expect(one.status == 64 && one.output.isEmpty)
  }

  @Test func `a mistyped rule gets a suggestion`() throws {
    _ = try folder.write(RunFixture.dead())
    for arguments in [["rules", "dead-unit"], ["check", "run", "--select", "ded-units"]] {
      let outcome = try Command.defib(arguments, in: folder)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("Did you mean 'dead-units'?"), "\(outcome.errors)")
    }
    let far = try Command.defib("rules", "zzzzzzzzzzzzzz", in: folder)
    #expect(!far.errors.contains("Did you mean"))
  }

  @Test func `mistyped words get a suggestion, and all errors look alike`() throws {
    _ = try folder.write(RunFixture.dead())
    for (script, meant) in [
      ("$DEFIB chek run", "check"), ("$DEFIB inspct run", "inspect"),
      ("$DEFIB check run --formt json", "--format"), ("$DEFIB check run --format jsn", "json"),
      ("$DEFIB check run --fail-on eror", "error"), ("$DEFIB rules --format txt", "text"),
      ("$DEFIB rules dead-unit", "dead-units"), ("$DEFIB inspect diff run run --rtl 1", "--rtol"),
      ("$DEFIB revive run --outptu x", "--output"), ("$NPYINSPECT run --format cvs", "csv"),
      ("$NPYINSPECT check run --quit", "--quiet"), ("$NPYINSPECT dif run run", "diff"),
    ] {
      let outcome = try Command.shell(script, in: folder)
      let program = script.hasPrefix("$DEFIB") ? "defib" : "npyinspect"
      #expect(outcome.status == (meant == "diff" ? 2 : 64), "\(script): \(outcome)")
      #expect(outcome.output.isEmpty || meant == "diff", "\(script): \(outcome)")
      #expect(outcome.errors.hasPrefix("\(program): error: "), "\(script): \(outcome.errors)")
      #expect(outcome.errors.contains("Did you mean '\(meant)'?"), "\(script): \(outcome.errors)")
    }
  }

  /// What a terminal of 80 columns shows without breaking lines.
  @Test(arguments: [
    "$DEFIB", "$DEFIB check", "$DEFIB revive", "$DEFIB rules", "$DEFIB inspect",
    "$DEFIB inspect diff", "$DEFIB inspect check", "$NPYINSPECT", "$NPYINSPECT diff",
    "$NPYINSPECT check",
  ])
  func `help fits into 80 columns`(command: String) throws {
    let outcome = try Command.shell("\(command) --help", in: folder)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for line in outcome.output.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test func `quiet means the status alone`() throws {
    _ = try folder.write(RunFixture.dead())
    let outcome = try Command.defib("check", "run", "--quiet", in: folder)
    #expect(outcome == Command.Outcome(status: 1, output: "", errors: ""))
  }

  @Test func `a run that is not there`() throws {
    try Snapshot.check(Command.defib("check", "run", in: folder), "check-missing")
  }

  @Test func `wrong usage`() throws {
    try Snapshot.check(Command.defib("check", in: folder), "usage-no-run")
    try Snapshot.check(
      Command.defib("check", "run", "--set", "dead-units", in: folder), "usage-set")
    for arguments in [
      ["--select", "no-such-rule"], ["--ignore", "no-such-rule"], ["--set", "dead-units.no=1"],
      ["--workers", "0"], ["--fail-on", "never-ever"], ["--format", "xml"],
    ] {
      let outcome = try Command.defib("check", "run", arguments[0], arguments[1], in: folder)
      #expect(outcome.status == 64, "\(arguments)")
      #expect(outcome.output.isEmpty && !outcome.errors.isEmpty, "\(arguments)")
    }
  }

  @Test func `the version`() throws {
    let outcome = try Command.defib("--version", in: folder)
    #expect(outcome == Command.Outcome(status: 0, output: "defib \(Release.version)\n", errors: ""))
  }

  @Test func `the catalogue`() throws {
    try Snapshot.check(Command.defib("rules", in: folder), "rules")
    try Snapshot.check(Command.defib("rules", "dead-units", in: folder), "rules-dead-units")
    try Snapshot.check(Command.defib("rules", "no-such-rule", in: folder), "rules-unknown")
    let outcome = try Command.defib("rules", "--format", "json", in: folder)
    let catalogue = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let rules = (catalogue as? [String: Any])?["rules"] as? [[String: Any]]
    #expect(rules?.isEmpty == false)
  }

  @Test func `the inspector`() throws {
    _ = try folder.write(RunFixture.sound())
    try Snapshot.check(
      Command.defib("inspect", "run/data/x.npy", in: folder), "inspect-one")
    try Snapshot.check(
      Command.defib("inspect", "run/weights", "run/none.npy", in: folder), "inspect-many")
  }

  @Test func `the inspector compares and checks`() throws {
    _ = try folder.write(RunFixture.sound())
    _ = try folder.write(RunFixture.dead(), to: "other")
    try NpyWriter.write([1, .nan] as [Float], shape: [2], to: folder.file("bad.npy"))
    for (script, status) in [
      ("diff run run", 0), ("diff run other", 1), ("diff run none", 2), ("diff run", 64),
      ("diff run/data/x.npy run/data/x.npy[::-1]", 1), ("check run", 0), ("check bad.npy run", 1),
      ("check bad.npy none.npy", 2), ("check 'bad.npy[0]'", 0), ("check", 64), ("./check", 2),
      ("diff --quiet --rtol 1e9 run/data/x.npy run/data/y.npy", 1), ("run --meta --head 1", 64),
      ("--slice 0:x run", 64), ("'run/data/x.npy[64, 0]'", 2), ("'bad.npy[1:'", 2),
    ] as [(String, Int32)] {
      let outcome = try Command.shell("$NPYINSPECT \(script)", in: folder)
      #expect(outcome.status == status, "\(script): \(outcome)")
      #expect(outcome.errors.isEmpty == (status < 2), "\(script): \(outcome)")
    }
    try Snapshot.check(Command.defib("inspect", "diff", "run", "other", in: folder), "inspect-diff")
    try Snapshot.check(
      Command.defib("inspect", "check", "run", "bad.npy", in: folder), "inspect-check")
    try Snapshot.check(
      Command.defib("inspect", "--head", "3", "run/data/x.npy", in: folder), "inspect-head")
  }

  @Test(arguments: [[:], ["NO_COLOR": "1"], ["TERM": "dumb"]])
  func `colours are for terminals`(environment: [String: String]) throws {
    _ = try folder.write(RunFixture.dead())
    let outcome = try Command.defib("check", "run", in: folder, environment: environment)
    #expect(!outcome.output.contains("\u{1B}"))
    #expect(outcome.errors.isEmpty)
  }

  @Test func `the report does not depend on the number of workers`() throws {
    // 20 000 rows make 78 batches in 19 lanes.
    _ = try folder.write(RunFixture.dead(samples: 20_000, units: 20))
    let one = try Command.defib(
      "check", "run", "--format", "json", "--workers", "1", in: folder)
    #expect(one.status == 1)
    for workers in ["2", "3", "7"] {
      let other = try Command.defib(
        "check", "run", "--format", "json", "--workers", workers, in: folder)
      #expect(other == one, "\(workers) workers")
    }
  }
}
