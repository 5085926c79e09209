import Glibc
import Npy

extension RunBuilder {
  /// Writes the run to disk, as docs/run-format.md has it. The run.json comes last: where it is, the
  /// run is complete.
  ///
  /// - Parameter folder: where the run will be; made when it is not there, but not its parents.
  /// - Throws: `NpyError` when the disk refuses a file.
  public func write(to folder: String) throws(NpyError) {
    try Self.makeFolder(folder)
    for path in arrays.keys.sorted() {
      guard let values = arrays[path] else { continue }
      var parent = folder
      for name in path.split(separator: "/").dropLast() {
        parent += "/\(name)"
        try Self.makeFolder(parent)
      }
      try NpyWriter.write(values.memory, shape: values.shape, to: "\(folder)/\(path)")
    }
    try WholeFile.write(document.text(pretty: true), to: "\(folder)/run.json")
  }

  private static func makeFolder(_ path: String) throws(NpyError) {
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw .system(
        file: path, operation: "be made a folder", reason: String(cString: strerror(errno)))
    }
  }
}
