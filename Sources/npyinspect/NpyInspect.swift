import ArgumentParser
import Glibc
import Inspection
import Npy

/// The standalone inspector.
struct NpyInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "npyinspect",
    abstract: "Show what is in .npy and .npz files.",
    discussion: """
      Every file is read once, whatever its size, and is never loaded as a whole. One array gets a \
      page, several get a line each.

      Exit status: 0 when all files were read, 2 when one could not be, 64 for wrong usage.
      """,
    version: "0.1.0")

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
    let mayColor = !noColor && isatty(STDOUT_FILENO) == 1 && !Self.isSet("NO_COLOR")
    let request = InspectionRequest(
      paths: files, format: format, columns: columns, bins: bins, threads: threads,
      color: mayColor && !Self.isSet("TERM", to: "dumb"))
    var failed: String?
    let status = Inspector.run(
      request, output: { failed = failed ?? TextOutput.write($0, to: STDOUT_FILENO) },
      errors: Self.say)
    if let failed {
      Self.say("standard output: \(failed)")
      throw ExitCode(2)
    }
    if status != 0 { throw ExitCode(status) }
  }

  private static func say(_ message: String) {
    _ = TextOutput.write("npyinspect: \(Printable.text(message))\n", to: STDERR_FILENO)
  }

  private static func isSet(_ name: String, to wanted: String? = nil) -> Bool {
    guard let value = getenv(name).map({ String(cString: $0) }) else { return false }
    return wanted.map { $0 == value } ?? !value.isEmpty
  }
}

extension InspectionRequest.Format: ExpressibleByArgument {}
