import Foundation
import Support

/// The working tree that these tests look at.
enum Repository {
  /// Three folders up from this file.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct CommandFailed: Error {
    let command: [String]
    let status: Int32
    let errors: String
  }

  /// Runs a command in the root and returns what it printed.
  static func run(_ command: String...) throws -> Data {
    let errors = FileManager.default.temporaryDirectory
      .appending(path: "defib-house-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }

    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = root
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let printed = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let message = try String(decoding: Data(contentsOf: errors), as: UTF8.self)
      throw CommandFailed(command: command, status: process.terminationStatus, errors: message)
    }
    return printed
  }

  /// The paths under version control below a folder, seen from the root.
  static func trackedFiles(in folder: String = ".") throws -> [String] {
    try run("git", "ls-files", "-z", "--", folder)
      .split(separator: 0)
      .map { String(decoding: $0, as: UTF8.self) }
      .filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
  }

  /// The lines of a file, or nil when it is no text.
  static func lines(of path: String) throws -> [Substring]? {
    let file = root.appending(path: path)
    // A link to a folder, which holds no text of its own.
    if (try? file.resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey]))?
      .isDirectory == true
    {
      return nil
    }
    let bytes = try Data(contentsOf: file)
    return String(validating: bytes, as: UTF8.self)?.split(
      separator: "\n", omittingEmptySubsequences: false)
  }
}
