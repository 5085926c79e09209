import ArgumentParser

/// `devtool register`
struct Register: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: """
      Writes the lists of all operators, losses, optimizers and rules from their files, and the release \
      from the Python package.
      """)

  @OptionGroup var options: CheckOptions

  func run() throws {
    let repository = try options.repository()
    try options.apply(try Self.files(repository), to: repository, command: "register")
  }

  /// Writes every list.
  static func write(_ repository: Repository) throws {
    for (path, text) in try files(repository) { try repository.write(path, text) }
  }

  /// Path and text of every list.
  static func files(_ repository: Repository) throws -> [(String, String)] {
    try GeneratedList.all.map { ($0.path, try $0.text(in: repository)) } + [
      (GeneratedIDs.path, try GeneratedIDs.text(in: repository)),
      (GeneratedRelease.path, try GeneratedRelease.text(in: repository)),
    ]
  }
}

/// `--check` of every command that writes generated files.
struct CheckOptions: ParsableArguments {
  @Flag(help: "Write nothing; exit with 1 when a file is stale.")
  var check = false

  @Option(help: "A folder of the repository; default: the working directory.")
  var root: String?

  func repository() throws -> Repository { try Repository(around: root) }

  /// Writes the files, or holds them against what is on disk.
  func apply(_ files: [(String, String)], to repository: Repository, command: String) throws {
    guard check else {
      for (path, text) in files { try repository.write(path, text) }
      return
    }
    let stale = files.filter { repository.read($0.0) != $0.1 }.map(\.0)
    guard !stale.isEmpty else { return }
    for path in stale { print("\(path) is stale: run `swift run devtool \(command)`") }
    throw ExitCode(1)
  }
}
