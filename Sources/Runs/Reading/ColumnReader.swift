import Npy

/// Reads what the user calls the columns of inputs and targets.
enum ColumnReader {
  /// By array of the data: the names of its columns.
  static func read(_ graph: Fields) throws(RunError) -> [String: [String]] {
    guard let value = graph["columns"] else { return [:] }
    guard case .object(let members) = value else {
      throw .run("graph.columns", found: value.kind, expected: "an object of lists of texts")
    }
    let fields = try Fields(value, at: "graph.columns", known: Array(members.keys))
    var result: [String: [String]] = [:]
    for name in fields.keys { result[name] = try fields.strings(name) }
    return result
  }

  /// Each name has its column.
  static func check(
    _ columns: [String: [String]], _ data: [String: NpyArray]
  ) throws(RunError) {
    for (name, names) in columns.sorted(by: { $0.key < $1.key }) {
      guard let array = data[name] else {
        throw .run(
          "graph.columns.\(name)", found: "nothing of that name in data",
          expected: "an input or a target")
      }
      guard array.shape.count <= 2, names.count == array.rowLength else {
        throw .run(
          "graph.columns.\(name)",
          found: "\(names.count) name\(names.count == 1 ? "" : "s")",
          expected: array.shape.count <= 2
            ? "\(array.rowLength), one for each column of \(name)"
            : "none, for the rows of \(name) have the shape \(Array(array.shape.dropFirst()))")
      }
    }
  }
}
