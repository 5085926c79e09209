import Glibc
import Npy
import Runs

/// Looks for the file of settings that applies to a run: in its folder, and then in every folder around
/// it. The nearest counts, and `defib.toml` before `pyproject.toml`.
enum ConfigurationSearch {
  private static let names: [(file: String, table: [String])] = [
    ("defib.toml", []), ("pyproject.toml", ["tool", "defib"]),
  ]
  /// More than all rules with all thresholds take, in a file that may hold those of other programs, too.
  private static let byteLimit = 1 << 20
  /// No path has more folders.
  private static let depthLimit = 256

  /// The file for a folder; nil where there is none.
  ///
  /// - Throws: `RunError` when there is one that cannot be read, or that leads elsewhere: a run may
  ///   come from somebody else, and nothing outside of it shall be read or shown for it.
  static func file(near folder: String) throws(RunError) -> ConfigurationFile? {
    for home in homes(folder) {
      for (name, table) in names {
        let path = home == "/" ? "/\(name)" : "\(home)/\(name)"
        guard let text = try read(path, in: home) else { continue }
        if let file = try ConfigurationFile(text, at: path, table: table) { return file }
      }
    }
    return nil
  }

  /// The folder and all around it, the two nearest as they were named.
  private static func homes(_ folder: String) -> [String] {
    var result = [folder, "\(folder)/.."]
    guard let resolved = realpath(folder, nil) else { return result }
    defer { free(resolved) }
    var parts = String(cString: resolved).split(separator: "/").dropLast(2)
    while result.count < depthLimit {
      result.append("/" + parts.joined(separator: "/"))
      if parts.isEmpty { break }
      parts = parts.dropLast()
    }
    return result
  }

  private static func read(_ path: String, in home: String) throws(RunError) -> String? {
    guard WholeFile.isInside(path, home) else {
      throw .document(path, reason: "leads out of its folder, expected a file inside of it")
    }
    let bytes: [UInt8]?
    do throws(NpyError) { bytes = try WholeFile.read(path, limit: byteLimit) } catch {
      throw .npy(error)
    }
    guard let bytes else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .document(path, reason: "found bytes that are no UTF-8, expected a text in UTF-8")
    }
    return text
  }
}
