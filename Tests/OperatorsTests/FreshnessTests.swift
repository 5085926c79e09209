import Glibc
import Testing

/// The generated files hold what `devtool` would write now: no file of an operator or a loss is
/// missing in its registry, and the docs are those of this build.
@Suite struct FreshnessTests {
  @Test(arguments: ["register", "docs"])
  func `generated files are fresh`(command: String) throws {
    let devtool = try #require(Self.folderOfTests()) + "/devtool"
    try #require(access(devtool, X_OK) == 0, "no devtool beside the tests at \(devtool)")
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    #expect(
      try Self.run(devtool, [command, "--check", "--root", "/" + root]) == 0,
      "run `swift run devtool \(command)`")
  }

  /// The folder of the built tests, where the executables of the package lie as well.
  static func folderOfTests() -> String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &path, path.count)
    guard count > 0 else { return nil }
    let executable = String(decoding: path[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return executable.lastIndex(of: "/").map { String(executable[..<$0]) }
  }

  /// The exit code of a program.
  static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
    var words = ([program] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process = pid_t()
    let failure = posix_spawn(&process, program, nil, nil, words, environ)
    try #require(failure == 0, "\(program): \(String(cString: strerror(failure)))")
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
  }
}
