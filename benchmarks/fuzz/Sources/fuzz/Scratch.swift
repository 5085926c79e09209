import Glibc

/// Files for what only takes paths, in the folder that FUZZ_FOLDER names: in memory, at best.
enum Scratch {
  /// A path in the folder.
  static func path(_ name: String) -> String {
    "\(Fuzz.environment("FUZZ_FOLDER") ?? "/tmp")/\(name)"
  }

  /// Writes a file and returns its path.
  static func write(_ bytes: UnsafeRawBufferPointer, as name: String) -> String {
    let path = path(name)
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    Target.expect(file >= 0, "\(path) can be written")
    defer { close(file) }
    var done = 0
    while let base = bytes.baseAddress, done < bytes.count {
      let count = Glibc.write(file, base + done, bytes.count - done)
      Target.expect(count > 0, "\(path) can be written")
      done += count
    }
    return path
  }
}
