import ArgumentParser
import Inspection

/// A program that offers the inspector.
public protocol InspectingProgram {
  /// What the command is called there.
  static var commandName: String { get }
  /// What `--version` prints; empty where another command of the program does that.
  static var version: String { get }
  /// What stands before a message, such as `npyinspect: `.
  static var prefix: String { get }
}

/// The inspector as a command, the same in every program that offers it.
///
/// One command with a program as its parameter, and no group of options: ArgumentParser decodes a
/// group by itself, with a lookup of conformances for every type in it.
public struct Inspect<Program: InspectingProgram>: ParsableCommand {
  /// The name that it has in the program, and its help.
  public static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: Program.commandName,
      abstract: "Show what is in .npy and .npz files.",
      discussion: """
        Every file is read once, whatever its size, and is never loaded as a whole. One array gets a \
        page, several get a line each.

        Exit status: 0 when all files were read, 2 when one could not be, 64 for wrong usage.
        """,
      version: Program.version)
  }

  @Argument(help: "Files, or folders whose .npy and .npz files are taken.")
  var files: [String]

  @Option(help: "How to show the result: text or json.")
  var format = InspectionRequest.Format.text

  @Option(help: "Columns of a matrix to show; 8 in text and 1024 in JSON unless told.")
  var columns: Int?

  @Option(help: "Bins of the histogram, from 1 to 128.")
  var bins = 16

  @Option(help: "Threads; all processors unless told. The result does not depend on them.")
  var threads: Int?

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  /// The arguments, before any is read.
  public init() {}

  /// - Throws: `ValidationError` when a number is out of range.
  public func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name at least one file.") }
    guard columns ?? 0 >= 0 else { throw ValidationError("--columns must not be negative.") }
    guard (1...128).contains(bins) else { throw ValidationError("--bins must be from 1 to 128.") }
    guard threads ?? 1 >= 1 else { throw ValidationError("--threads must be at least 1.") }
  }

  /// Inspects the files and shows the result.
  ///
  /// - Throws: the exit status 2, after a message, when a file could not be read or there is no room
  ///   for the result.
  public func run() throws {
    let request = InspectionRequest(
      paths: files, format: format, columns: columns, bins: bins, threads: threads,
      color: !noColor && Console.output.hasColor)
    var failed: String?
    let status = Inspector.run(
      request, output: { failed = failed ?? Console.output.put($0) },
      errors: { Console.errors.say($0, prefix: Program.prefix) })
    if let failed {
      Console.errors.say("standard output: \(failed)", prefix: Program.prefix)
      throw ExitCode(2)
    }
    if status != 0 { throw ExitCode(status) }
  }
}

extension InspectionRequest.Format: ExpressibleByArgument {}
