import ArgumentParser
import Inspection
import Npy

/// A program that offers the inspector.
public protocol InspectingProgram {
  /// What the command is called there.
  static var commandName: String { get }
  /// What users write to call it, such as `defib inspect`.
  static var words: String { get }
  /// What `--version` prints; empty where another command of the program does that.
  static var version: String { get }
  /// What stands before a message, such as `npyinspect: error: `.
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
      abstract: "Show what is in .npy, .npz and .safetensors files.",
      usage: """
        \(Program.words) [<options>] <file> ...
        \(Program.words) diff [<options>] <a> <b>
        \(Program.words) check [<options>] <file> ...
        """,
      discussion: """
        Every file is read once, whatever its size, and is never loaded as a whole. One array gets a \
        page, several get a line each. A file may be followed by the name of an array in it and by a \
        part: 'w.npy[0, :]', 'model.npz:fc1.weight', 'model.npz:fc1.weight[:, -1]'. Standard input is -.

        Exit status: 0 when all files were read, 2 when one could not be, 64 for wrong usage.
        """,
      version: Program.version,
      // Chosen before ArgumentParser looks: it would take their names for files.
      subcommands: [InspectDiff<Program>.self, InspectCheck<Program>.self])
  }

  @Argument(
    help: ArgumentHelp(
      "Files, pipes, or folders whose .npy, .npz and .safetensors files are taken.",
      valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(help: "How to show the result.")
  var format = InspectionRequest.Format.text

  @Flag(help: "Show what the headers say, and measure nothing.")
  var meta = false

  @Option(
    help: ArgumentHelp("Show the first rows of elements, and measure nothing.", valueName: "rows"))
  var head: Int?

  @Option(
    help: ArgumentHelp(
      "Take a part of each array, such as '0:5, :, -1', as NumPy does.", valueName: "part"))
  var slice: Part?

  @Flag(help: "Show quantiles, too, which takes further looks at the elements.")
  var quantiles = false

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
    guard head ?? 0 >= 0 else { throw ValidationError("--head must not be negative.") }
    guard (1...128).contains(bins) else { throw ValidationError("--bins must be from 1 to 128.") }
    guard threads ?? 1 >= 1 else { throw ValidationError("--threads must be at least 1.") }
    guard !meta || head == nil && !quantiles else {
      throw ValidationError("--meta measures nothing; leave --head and --quantiles out.")
    }
  }

  /// Inspects the files and shows the result.
  ///
  /// - Throws: the exit status 2, after a message, when a file could not be read or there is no room
  ///   for the result.
  public func run() throws {
    var request = InspectionRequest(
      paths: files, format: format, columns: columns, bins: bins, threads: threads,
      color: !noColor && Console.output.hasColor)
    request.head = head
    request.width = Console.output.tableWidth
    request.options.isMeta = meta
    request.options.quantiles = quantiles
    request.options.slice = slice?.wanted
    let first = files.first ?? ""
    let isLost = files.count > 1 && !first.contains { "./[".contains($0) }
    let meant = isLost ? Suggestion.sentence(first, among: ["diff", "check"]) : ""
    try Program.show { output, errors in
      Inspector.run(request, output: output) {
        errors($0.hasPrefix("\(first): cannot be opened") && !meant.isEmpty ? $0 + "." + meant : $0)
      }
    }
  }
}

extension InspectingProgram {
  /// Has something shown, and ends with its status.
  ///
  /// - Throws: the exit status unless it is 0; 2, after a message, when there is no room for what is
  ///   shown.
  static func show(
    _ body: (_ output: (String) -> Void, _ errors: (String) -> Void) -> Int32
  ) throws {
    var failed: String?
    let status = body(
      { failed = failed ?? Console.output.put($0) }, { Console.errors.say($0, prefix: prefix) })
    if let failed {
      Console.errors.say("standard output: \(failed)", prefix: prefix)
      throw ExitCode(2)
    }
    if status != 0 { throw ExitCode(status) }
  }
}

extension InspectionRequest.Format: ExpressibleByArgument {}

/// `0:5, :, -1`, in brackets or without.
struct Part: ExpressibleByArgument {
  let wanted: Subscript

  init?(argument: String) {
    let isBracketed = argument.hasPrefix("[") && argument.hasSuffix("]")
    guard
      let wanted = Subscript(isBracketed ? String(argument.dropFirst().dropLast()) : argument)
    else { return nil }
    self.wanted = wanted
  }
}
