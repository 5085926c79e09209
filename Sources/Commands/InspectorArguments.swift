import ArgumentParser
import Inspection

/// The arguments of the inspector, the same in every program that offers it.
public struct InspectorArguments: ParsableArguments {
  /// What the inspector does, for a list of commands.
  public static let abstract = "Show what is in .npy and .npz files."
  /// What its help says besides.
  public static let discussion = """
    Every file is read once, whatever its size, and is never loaded as a whole. One array gets a \
    page, several get a line each.

    Exit status: 0 when all files were read, 2 when one could not be, 64 for wrong usage.
    """

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
  /// - Parameter prefix: what stands before a message, such as `npyinspect: `.
  /// - Throws: the exit status 2, after a message, when a file could not be read or there is no room
  ///   for the result.
  public func inspect(prefix: String) throws {
    let request = InspectionRequest(
      paths: files, format: format, columns: columns, bins: bins, threads: threads,
      color: !noColor && Console.output.hasColor)
    var failed: String?
    let status = Inspector.run(
      request, output: { failed = failed ?? Console.output.put($0) },
      errors: { Console.errors.say($0, prefix: prefix) })
    if let failed {
      Console.errors.say("standard output: \(failed)", prefix: prefix)
      throw ExitCode(2)
    }
    if status != 0 { throw ExitCode(status) }
  }
}

extension InspectionRequest.Format: ExpressibleByArgument {}
