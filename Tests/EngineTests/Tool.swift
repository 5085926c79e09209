import Foundation
import Support

/// Runs compilers, binutils and the programs that they make.
enum Tool {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let headers = root.appending(path: "Sources/CEngine/include").path
  static let programs = root.appending(path: "Tests/EngineTests/Programs")
  /// Where the library and the tests are built.
  static let binaries = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
  /// The library as a build for tests leaves it.
  static let library = binaries.appending(path: "libdefib.so").path
  /// The library as scripts/build-engine installs it.
  static let installed = root.appending(path: "python/src/defib/libdefib.so").path

  /// Flags for clang, where the library is watched and the programs in C shall be (scripts/sanitize).
  static let sanitizer = ProcessInfo.processInfo.environment["DEFIB_SANITIZER"]?
    .split(separator: " ").map(String.init)

  /// Builds a program of `Programs` that uses the library. Only Swift's own clang has the runtime of a
  /// library that is watched.
  static func build(_ name: String, by compiler: [String], in folder: TemporaryFolder) throws
    -> String
  {
    let program = folder.file(name)
    let command = sanitizer.map { ["clang", "-std=c11", "-g"] + $0 } ?? compiler
    let (status, output) = try Tool.run(
      command + ["-Wall", "-Wextra", "-Werror", "-I", headers]
        + [programs.appending(path: "\(name).c").path, "-x", "none", library]
        + ["-Wl,-rpath,\(binaries.path)", "-lpthread", "-o", program], in: folder)
    guard status == 0 else { throw Failure(output: output) }
    return program
  }

  /// What a compiler said.
  struct Failure: Error { let output: String }

  /// The status of a command, and all that it printed.
  static func run(_ command: [String], in folder: TemporaryFolder) throws -> (Int32, String) {
    let log = URL(filePath: folder.file("output-\(UInt64.random(in: .min ... .max))"))
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let handle = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    let output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    return (process.terminationReason == .exit ? process.terminationStatus : -1, output)
  }

  /// The names of all functions in the header.
  static func declaredNames() throws -> Set<String> {
    let header = try String(contentsOfFile: "\(headers)/defib.h", encoding: .utf8)
    return Set(header.matches(of: #/\b(defib_[a-z_]+)\(/#).map { String($0.1) })
  }

  /// The functions that a shared library shows.
  static func exportedNames(of library: String) throws -> Set<String> {
    let (status, output) = try run(["nm", "-D", "--defined-only", library], in: TemporaryFolder())
    guard status == 0 else { throw POSIXError(.ENOENT) }
    let lines = output.split(separator: "\n").map { $0.split(separator: " ") }
    return Set(lines.filter { $0.count == 3 && $0[1] == "T" }.map { String($0[2]) })
  }
}
