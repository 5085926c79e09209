import Glibc

/// The files of this repository, by paths relative to its root.
struct Repository {
  let root: String

  /// The repository around a folder, or else around the working directory.
  init(around start: String? = nil) throws {
    guard let working = realpath(start ?? ".", nil) else { throw DevtoolError.noRepository }
    defer { free(working) }
    var folder = String(cString: working)
    while access("\(folder)/Sources/devtool/Repository.swift", R_OK) != 0 {
      guard let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else {
        throw DevtoolError.noRepository
      }
      folder = String(folder[..<slash])
    }
    root = folder
  }

  /// The text of a file; nil when it cannot be read or is not UTF-8.
  func read(_ path: String) -> String? {
    guard let file = fopen("\(root)/\(path)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Writes a file; one that has that text already is left alone.
  func write(_ path: String, _ text: String) throws {
    guard read(path) != text else { return }
    try put(path, text, mode: "w")
    print("wrote \(path)")
  }

  /// Writes a file that must not be there yet.
  func create(_ path: String, _ text: String) throws {
    try put(path, text, mode: "wx")
    print("wrote \(path)")
  }

  private func put(_ path: String, _ text: String, mode: String) throws {
    guard let file = fopen("\(root)/\(path)", mode) else { throw DevtoolError.file(path, errno) }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw DevtoolError.file(path, errno) }
  }

  /// The Swift files of a folder and of those in it, sorted.
  func swiftFiles(below folder: String) throws -> [String] {
    try entries(of: folder).flatMap { name in
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".swift") { return [path] }
      return isFolder(path) ? try swiftFiles(below: path) : []
    }
  }

  /// The names of the folders in a folder, sorted.
  func folders(in folder: String) throws -> [String] {
    try entries(of: folder).filter { isFolder("\(folder)/\($0)") }
  }

  /// The names in a folder, sorted, hidden ones left out.
  private func entries(of folder: String) throws -> [String] {
    guard let listing = opendir("\(root)/\(folder)") else {
      throw DevtoolError.file(folder, errno)
    }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.sorted().filter { !$0.hasPrefix(".") }
  }

  private func isFolder(_ path: String) -> Bool {
    var info = stat()
    return stat("\(root)/\(path)", &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }
}

/// Why devtool gave up.
enum DevtoolError: Error, CustomStringConvertible {
  /// The folder is in no clone of this repository.
  case noRepository
  /// A file could not be written or a folder not be read: the path and `errno`.
  case file(String, Int32)
  /// A page has lost the marks around its generated part.
  case marks(String)
  /// The Python package does not tell its version.
  case noVersion

  var description: String {
    switch self {
    case .noRepository: "this folder is outside the repository: go there, or name it by --root"
    case .marks(let path): "\(path): expected both marks around the generated table"
    case .noVersion: "\(GeneratedRelease.source): expected a line __version__ = \"…\""
    case .file(let path, let code): "\(path): \(String(cString: strerror(code)))"
    }
  }
}
