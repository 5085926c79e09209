import Glibc
import Npy
import Runs

extension Revived {
  /// Writes the run, as docs/run-format.md has it: the revived weights, the data that they fit, and the
  /// changes in run.json. It appears as a whole or not at all.
  ///
  /// - Parameter folder: where it will be; nothing may be there yet, and its parent must be.
  /// - Throws: `NpyError` when the disk refuses a file, or something is in the way.
  public func write(to folder: String) throws(NpyError) {
    try PartialFolder(at: folder).fill { (folder) throws(NpyError) in try fill(folder) }
  }

  private func fill(_ folder: String) throws(NpyError) {
    for part in ["weights", "data"] {
      guard mkdir("\(folder)/\(part)", 0o777) == 0 else {
        throw .system(
          file: "\(folder)/\(part)", operation: "be made a folder",
          reason: String(cString: strerror(errno)))
      }
    }
    var document = document
    var entries = document["graph"]?["parameters"]?.elements ?? []
    for (index, parameter) in parameters.enumerated() where entries.indices.contains(index) {
      let path = "weights/\(Self.file(parameter.name, index)).npy"
      try NpyWriter.write(parameter.values, shape: parameter.shape, to: "\(folder)/\(path)")
      entries[index]["file"] = .string(path)
      entries[index]["initial"] = nil
    }
    document["graph"]?["parameters"] = .array(entries)
    var data = JSONValue.object([:])
    for (index, name) in run.data.keys.sorted().enumerated() {
      guard let array = run.data[name] else { continue }
      let path = "data/\(Self.file(name, index)).npy"
      try NpyWriter.write(try array.floats(), shape: array.shape, to: "\(folder)/\(path)")
      data[name] = .string(path)
    }
    document["data"] = data
    for key in ["validation", "history", "snapshots"] { document[key] = nil }
    try WholeFile.write(document.text(pretty: true), to: "\(folder)/run.json")
  }

  /// The name as a file has it: no name leads out of the folder.
  private static func file(_ name: String, _ index: Int) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      byte == 45 || byte == 46 || byte == 95 || (48...57).contains(byte) || (65...90).contains(byte)
        || (97...122).contains(byte)
    }
    return isPlain && !name.hasPrefix(".") && name.utf8.count <= 200 ? name : "array-\(index)"
  }
}
