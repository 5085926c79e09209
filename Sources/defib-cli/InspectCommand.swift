import ArgumentParser
import Inspection

/// `defib inspect FILE…`: the same as `npyinspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in .npy and .npz files.",
    discussion: """
      Every file is read once, whatever its size, and is never loaded as a whole. One array gets a \
      page, several get a line each.

      Exit status: 0 when all files were read, 2 when one could not be, 64 for wrong usage.
      """)

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

  func validate() throws {
    guard !files.isEmpty else { throw ValidationError("Name at least one file.") }
    guard columns ?? 0 >= 0 else { throw ValidationError("--columns must not be negative.") }
    guard (1...128).contains(bins) else { throw ValidationError("--bins must be from 1 to 128.") }
    guard threads ?? 1 >= 1 else { throw ValidationError("--threads must be at least 1.") }
  }

  func run() throws {
    let request = InspectionRequest(
      paths: files, format: format, columns: columns, bins: bins, threads: threads,
      color: Console(descriptor: 1, color: !noColor).hasColor)
    var failed: String?
    let status = Inspector.run(
      request, output: { failed = failed ?? Console.output.put($0) },
      errors: { Console.errors.say("error: \($0)") })
    if let failed { throw Failure.exit("standard output: \(failed)", status: 2) }
    if status != 0 { throw ExitCode(status) }
  }
}

extension InspectionRequest.Format: ExpressibleByArgument {}
