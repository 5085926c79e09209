import ArgumentParser
import Inspection

/// `npyinspect diff A B`.
public struct InspectDiff<Program: InspectingProgram>: ParsableCommand {
  /// Its name and its help.
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "diff", _superCommandName: Program.words,
      abstract: "Compare two arrays, or those of the same name in two files or folders.",
      usage: "\(Program.words) diff [<options>] <a> <b>",
      discussion: """
        Arrays that moved come with the share of elements that did, the norm of the difference over \
        that of the first, and the largest difference; the furthest first. NaN is equal to NaN. Of two \
        runs, run.json is compared as well.

        Exit status: 0 when all are equal, 1 when something differs, 2 when something could not be \
        read, 64 for wrong usage.
        """,
      version: Program.version)
  }

  @Argument(help: "A file, a part of one, a folder or a run.", completion: .file())
  var a: String

  @Argument(help: "What it is compared with.", completion: .file())
  var b: String

  @Option(help: "How to show the result.")
  var format = InspectionRequest.Format.text

  @Option(help: "What elements may be apart and still be equal.")
  var atol = 0.0

  @Option(help: "The same, as a share of the first one's element.")
  var rtol = 0.0

  @Option(
    help: ArgumentHelp("Compare a part of each array, such as '0:5, :'.", valueName: "part"))
  var slice: Part?

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  @Flag(help: "Print nothing; the exit status tells.")
  var quiet = false

  /// The arguments, before any is read.
  public init() {}

  /// - Throws: `ValidationError` when a tolerance is none.
  public func validate() throws {
    for (name, value) in [("--atol", atol), ("--rtol", rtol)] where !(value >= 0) {
      throw ValidationError("\(name) must not be negative.")
    }
    guard a != "-" || b != "-" else {
      throw ValidationError("Only one of the two can be standard input.")
    }
  }

  /// Compares and shows the result.
  ///
  /// - Throws: the exit status unless everything is equal.
  public func run() throws {
    var request = ComparisonRequest(first: a, second: b, format: quiet ? nil : format)
    request.tolerance.absolute = atol
    request.tolerance.relative = rtol
    request.slice = slice?.wanted
    request.color = !noColor && Console.output.hasColor
    request.width = Console.output.tableWidth
    try Program.show { output, errors in
      Comparison.run(request, output: output, errors: errors)
    }
  }
}
