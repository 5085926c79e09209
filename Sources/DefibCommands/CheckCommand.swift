import ArgumentParser
import Commands
import Diagnosis
import Npy
import Replay
import Reports
import Runs
import Trials

/// `defib check RUN`.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Replay a run and name the causes of what is wrong with it.",
    discussion: """
      Exit status: 0 when nothing is at or above --fail-on, 1 when something is, or when it could \
      not be told under --strict, 2 when the run could not be read or replayed, 64 for wrong usage.
      """)

  /// The least severity that makes the exit status 1.
  enum FailOn: String, ExpressibleByArgument, CaseIterable {
    case error, warning, never

    func isReached(by worst: Severity?) -> Bool {
      guard let worst else { return false }
      return switch self {
      case .error: worst >= .error
      case .warning: worst >= .warning
      case .never: false
      }
    }
  }

  @Argument(
    help: ArgumentHelp(
      "The folder of the run, or its run.json. Of several, each is checked.", valueName: "run"))
  var runs: [String]

  @Option(
    help: """
      How to show the report: for people (text, concise, html, markdown), for programs (json), or for \
      what checks code (github, sarif, junit).
      """)
  var format = ReportFormat.text

  @Option(help: ArgumentHelp("Write the report to a file.", valueName: "file"))
  var output: String?

  @Option(help: "The least severity that makes the exit status 1.")
  var failOn = FailOn.error

  @Flag(help: "Exit with 1 also when it could not be judged whether the training learned.")
  var strict = false

  @Option(help: "Threads; one per core unless told. The report does not depend on them.")
  var workers: Int?

  @Option(
    help: ArgumentHelp(
      "The most memory that the check may take, such as 512M or 2G.", valueName: "bytes"))
  var memory: ByteAmount?

  @Option(
    help: ArgumentHelp("Apply these rules only, separated by commas.", valueName: "rule,…"))
  var select: [RuleList] = []

  @Option(help: ArgumentHelp("Leave these rules out, separated by commas.", valueName: "rule,…"))
  var ignore: [RuleList] = []

  @Option(
    help: ArgumentHelp("Give a rule's threshold another value.", valueName: "rule.option=number"))
  var set: [Setting] = []

  @Flag(help: "Look for what cures the run, too: its training is tried with changes.")
  var cure = false

  @Option(
    help: ArgumentHelp(
      "How much trials of the training may compute, as a factor of the usual.",
      valueName: "factor"))
  var effort = 1.0

  @Option(
    help: ArgumentHelp(
      "Tell only what this file of known findings does not list.", valueName: "file"))
  var baseline: String?

  @Option(
    help: ArgumentHelp(
      "Take the errors and warnings of these runs for known, in this file.", valueName: "file"))
  var writeBaseline: String?

  @Flag(help: "Show which rules and thresholds apply, and where each comes from; check nothing.")
  var showSettings = false

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  @Flag(help: "Print neither the report nor progress; the exit status and --output tell.")
  var quiet = false

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("Name at least one run.") }
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1.") }
    guard runs.count == 1 || output == nil && Self.shared.contains(format) else {
      let formats = Self.shared.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("Several runs go to standard output, in one of: \(formats).")
    }
  }

  /// Formats in which the reports of several runs can follow each other.
  private static let shared: [ReportFormat] = [.text, .concise, .markdown, .github]

  func run() throws {
    let check = try Failure.wrongUsage { () throws(OptionError) in try Check(options) }
    if showSettings {
      for path in runs { try SettingsTable.show(check, of: Self.folder(path), named: path) }
      return
    }
    var known = try KnownFindings(reading: baseline, writing: writeBaseline)
    // A run that cannot be read does not keep the others from being checked; the worst status counts.
    var status: Int32 = 0
    for (number, path) in runs.enumerated() {
      do { try examine(path, number: number, with: check, &known) } catch let code as ExitCode {
        status = max(status, code.rawValue)
      }
    }
    try known.write()
    if status != 0 { throw ExitCode(status) }
  }

  /// The folder of a run that may be named by its run.json.
  private static func folder(_ path: String) -> String {
    let file = "/run.json"
    return path == "run.json"
      ? "." : path.hasSuffix(file) ? String(path.dropLast(file.count)) : path
  }

  private func examine(
    _ path: String, number: Int, with check: Check, _ known: inout KnownFindings
  ) throws {
    let folder = Self.folder(path)
    let line = ProgressLine(isShown: !quiet)
    defer { line.clear() }
    let found = try Failure.unreadable { () throws(RunError) in
      var run = try Run.open(folder: folder)
      if let memory { run.memory = MemoryBudget(bytes: memory.bytes) }
      return try check.run(run, progress: Progress(line.show))
    }
    line.clear()
    let report = known.silence(found, of: folder)
    if let output {
      let text = format.render(report, name: Self.name(of: folder))
      try Failure.unwritable { () throws(NpyError) in try WholeFile.write(text, to: output) }
    } else if !quiet {
      try show(report, of: path, named: Self.name(of: folder), isFirst: number == 0)
    }
    let isUnjudged = report.verdict == .couldNotTell && report.silenced == 0
    if isUnjudged {
      let missing = report.missing.isEmpty ? "" : ": " + report.missing.joined(separator: "; ")
      Console.errors.say(
        "could not tell whether the training learned; missing\(missing)",
        prefix: runs.count > 1 ? "defib: \(Printable.text(path)): " : "defib: ")
    }
    if failOn.isReached(by: report.worst) || strict && isUnjudged {
      throw ExitCode(1)
    }
  }

  private var options: Check.Options {
    var options = Check.Options()
    options.workers = workers ?? 0
    options.select = select.flatMap(\.ids)
    options.ignore = ignore.flatMap(\.ids)
    options.cure = cure
    options.effort = effort
    for setting in set { options.set[setting.name] = setting.value }
    return options
  }

  /// The last folder of a path that has a name.
  private static func name(of path: String) -> String {
    path.split(separator: "/").last { $0 != "." && $0 != ".." }.map(String.init) ?? ""
  }

  private func show(
    _ report: Report, of path: String, named name: String, isFirst: Bool
  ) throws {
    let console = Console.output
    let text = format.render(
      report, color: !noColor && console.hasColor, width: console.width, name: name,
      pages: noColor ? nil : console.documentation.map { $0 + "/rules" })
    guard runs.count > 1, format != .github else { return try Failure.write(text) }
    let path = Printable.text(path)
    if format == .concise {
      let lines = text.split(separator: "\n").map { "\(path): \($0)\n" }
      return try Failure.write(lines.joined())
    }
    let head = format == .markdown ? "# `\(path.filter { $0 != "`" })`" : "== \(path)"
    try Failure.write((isFirst ? "" : "\n") + head + "\n\n" + text)
  }
}

extension ReportFormat: ExpressibleByArgument {}

/// `dead-units,constant-loss`.
struct RuleList: ExpressibleByArgument {
  let ids: [String]

  init?(argument: String) {
    ids = argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard ids.allSatisfy({ !$0.isEmpty }) else { return nil }
  }
}

/// `dead-units.warn-share=0.2`.
struct Setting: ExpressibleByArgument {
  let name: String
  let value: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, let value = Double(parts[1]), value.isFinite else { return nil }
    name = parts[0]
    self.value = value
  }
}

/// `512M`: a number of bytes with a unit of 1024, 1024² or more.
struct ByteAmount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    var digits = argument.uppercased()
    if digits.hasSuffix("B") { digits.removeLast() }
    if digits.hasSuffix("I") { digits.removeLast() }
    let unit = digits.last.flatMap { units[$0] }
    if unit != nil { digits.removeLast() }
    guard let number = Int(digits), number > 0 else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    guard !overflow else { return nil }
    bytes = product
  }
}
