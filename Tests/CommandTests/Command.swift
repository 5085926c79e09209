import Foundation
import Support
import Testing

/// Runs a built executable the way a user would.
struct Command {
  /// What it printed, and how it ended.
  struct Outcome: Equatable {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The executables lie beside the bundle with the tests.
  static let binaries = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()

  /// Runs `defib`.
  ///
  /// - Parameters:
  ///   - arguments: what follows the name.
  ///   - folder: the working directory.
  static func defib(
    _ arguments: String..., in folder: TemporaryFolder, environment: [String: String] = [:]
  ) throws -> Outcome {
    try run("defib-cli", arguments, in: folder, environment)
  }

  /// The same, with a list of arguments.
  static func defib(_ arguments: [String], in folder: TemporaryFolder) throws -> Outcome {
    try run("defib-cli", arguments, in: folder, [:])
  }

  /// Runs a script of the shell, in which the commands are `$DEFIB` and `$NPYINSPECT`.
  static func shell(_ script: String, in folder: TemporaryFolder) throws -> Outcome {
    let names = ["DEFIB": "defib-cli", "NPYINSPECT": "npyinspect"]
    return try run(
      URL(filePath: "/bin/bash"), ["-c", script], in: folder,
      names.mapValues { binaries.appending(path: $0).path })
  }

  private static func run(
    _ name: String, _ arguments: [String], in folder: TemporaryFolder,
    _ environment: [String: String]
  ) throws -> Outcome {
    try run(binaries.appending(path: name), arguments, in: folder, environment)
  }

  private static func run(
    _ executable: URL, _ arguments: [String], in folder: TemporaryFolder,
    _ environment: [String: String]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder.path)
    // The width of help texts follows COLUMNS.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["COLUMNS": "80"]) { $1 }.merging(environment) { $1 }
    // Files, not pipes: whatever is printed fits.
    let number = UInt64.random(in: .min ... .max)
    let outputFile = FileManager.default.temporaryDirectory.appending(path: "defib-\(number).out")
    let errorFile = FileManager.default.temporaryDirectory.appending(path: "defib-\(number).err")
    defer {
      try? FileManager.default.removeItem(at: outputFile)
      try? FileManager.default.removeItem(at: errorFile)
    }
    for file in [outputFile, errorFile] {
      _ = FileManager.default.createFile(atPath: file.path, contents: nil)
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: outputFile)
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: String(decoding: try Data(contentsOf: outputFile), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
  }
}

/// Complete outcomes of commands, kept as files. With RECORD_SNAPSHOTS set they are written anew.
enum Snapshot {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Snapshots")

  /// Holds an outcome against the file of that name.
  static func check(
    _ outcome: Command.Outcome, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = folder.appending(path: "\(name).txt")
    let text = """
      status: \(outcome.status)
      ---- standard output
      \(outcome.output)---- standard error
      \(outcome.errors)
      """
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != nil {
      try Data(text.utf8).write(to: file)
      return
    }
    let expected = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
    #expect(
      text == expected, "set RECORD_SNAPSHOTS to accept what \(name) gives now",
      sourceLocation: sourceLocation)
  }
}
