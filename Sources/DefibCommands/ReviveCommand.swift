import ArgumentParser
import Commands
import Diagnosis
import Npy
import Replay
import Reports
import Runs

/// `defib revive RUN --output REVIVED`.
struct ReviveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revive",
    abstract: "Find what cures a run, and write it with the weights that are revived.",
    usage: "defib revive [<options>] <run> --output <folder>",
    discussion: """
      Its training is tried with changes, and the run that the smallest set of them revives is \
      written: weights/NAME.npy under the names of the parameters, and the changes in run.json.

      Exit status: 0 when it is written, 1 when nothing that was tried does better, 2 when the run \
      could not be read or the new one not be written, 64 for wrong usage.
      """)

  @Argument(help: ArgumentHelp("The folder of the run, with its run.json.", valueName: "run"))
  var folder: String

  @Option(
    help: ArgumentHelp("The folder to write, which must not be there yet.", valueName: "folder"))
  var output: String

  @Option(help: "Threads; one per core unless told. What is written does not depend on them.")
  var workers: Int?

  @Option(
    help: ArgumentHelp(
      "How much trials of the training may compute, as a factor of the usual.",
      valueName: "factor"))
  var effort = 1.0

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  @Flag(help: "Print neither the report nor progress.")
  var quiet = false

  func validate() throws {
    guard workers ?? 1 >= 1 else { throw ValidationError("--workers must be at least 1.") }
  }

  func run() throws {
    var options = Check.Options()
    options.workers = workers ?? 0
    options.cure = true
    options.effort = effort
    let check = try Failure.wrongUsage { () throws(OptionError) in try Check(options) }
    try Failure.unwritable { () throws(NpyError) in try PartialFolder.check(output) }
    let line = ProgressLine(isShown: !quiet)
    defer { line.clear() }
    let report = try Failure.unreadable { () throws(RunError) in
      try check.run(Run.open(folder: folder), progress: Progress(line.show))
    }
    line.clear()
    if !quiet {
      let console = Console.output
      try Failure.write(
        ReportFormat.text.render(
          report, color: !noColor && console.hasColor, width: console.width))
    }
    guard let revived = report.revived else {
      Console.errors.say("nothing is written: nothing that was tried revives it", prefix: "defib: ")
      throw ExitCode(1)
    }
    try Failure.unwritable { () throws(NpyError) in try revived.write(to: output) }
    if !quiet { Console.errors.say("wrote \(output)", prefix: "defib: ") }
  }
}
