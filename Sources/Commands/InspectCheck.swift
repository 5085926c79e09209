import ArgumentParser
import Inspection

/// `npyinspect check FILE…`.
public struct InspectCheck<Program: InspectingProgram>: ParsableCommand {
  /// Its name and its help.
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "check", _superCommandName: Program.words,
      abstract: "Look for NaN and infinite values.",
      usage: "\(Program.words) check [<options>] <file> ...",
      discussion: """
        Exit status: 0 when there are none, 1 when there are some, 2 when something could not be read, \
        64 for wrong usage.
        """,
      version: Program.version)
  }

  @Argument(
    help: ArgumentHelp(
      "Files, pipes, or folders whose .npy, .npz and .safetensors files are taken.",
      valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(help: "How to show the result.")
  var format = InspectionRequest.Format.text

  @Option(
    help: ArgumentHelp("Check a part of each array, such as '0:5, :'.", valueName: "part"))
  var slice: Part?

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  @Flag(help: "Print nothing; the exit status tells.")
  var quiet = false

  /// The arguments, before any is read.
  public init() {}

  /// - Throws: `ValidationError` when no file is named.
  public func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name at least one file.") }
  }

  /// Checks the files and shows the result.
  ///
  /// - Throws: the exit status unless all values are finite.
  public func run() throws {
    var request = InspectionRequest(
      paths: files, format: format, color: !noColor && Console.output.hasColor)
    request.options.slice = slice?.wanted
    request.width = Console.output.tableWidth
    try Program.show { output, errors in
      FiniteCheck.run(request, isQuiet: quiet, output: output, errors: errors)
    }
  }
}
