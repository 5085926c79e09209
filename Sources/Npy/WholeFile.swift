import Glibc

/// Reads and writes files as a whole.
public enum WholeFile {
  /// The bytes of a regular file.
  ///
  /// - Parameter limit: the most bytes it may have.
  /// - Returns: nil when nothing is at the path.
  /// - Throws: `NpyError` when it is something else than a regular file, cannot be read, changes
  ///   meanwhile, or is larger.
  public static func read(_ path: String, limit: Int) throws(NpyError) -> [UInt8]? {
    guard SystemFile.exists(path) else { return nil }
    let file = try StoredFile(path: path)
    guard file.size <= limit else {
      throw .tooLarge(file: path, found: file.size, limit: limit)
    }
    let memory = try file.load(0..<file.size)
    return Array(memory.bytes)
  }

  /// Whether a path in a folder leads to something in that folder, links followed. What does not exist
  /// leads nowhere, and counts as inside.
  public static func isInside(_ path: String, _ folder: String) -> Bool {
    guard let root = canonical(folder), let target = canonical(path) else { return true }
    return target.hasPrefix(root == "/" ? root : root + "/")
  }

  private static func canonical(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Puts a text at a path. A reader sees what was there before or all of the text, never a part. What
  /// writers of the same path left beside it that were killed is removed.
  ///
  /// - Throws: `NpyError` when the folder refuses the file or the disk is full; nothing changes at
  ///   the path then.
  public static func write(_ text: String, to path: String) throws(NpyError) {
    let file = try OutputFile(path: path)
    try file.write(Array(text.utf8))
    try file.commit()
    file.removeLeftovers()
  }
}
