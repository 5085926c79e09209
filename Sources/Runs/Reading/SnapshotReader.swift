import Npy

/// Reads the snapshots of a run.json.
enum SnapshotReader {
  static func read(
    _ fields: Fields, _ parameters: [Graph.Parameter], from source: RunSource
  ) throws(RunError) -> [Run.Snapshot] {
    let entries = try fields.list("snapshots")
    guard entries.count <= Run.snapshotLimit else {
      throw .run(
        "snapshots", found: "a list of \(entries.count)",
        expected: "at most \(Run.snapshotLimit): leave some of them out")
    }
    let known = Dictionary(
      parameters.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var result: [Run.Snapshot] = []
    for (index, value) in entries.enumerated() {
      let entry = try Fields(value, at: "snapshots[\(index)]", known: ["step", "parameters"])
      guard let step = try entry.count("step") else {
        throw .run(
          entry.path(of: "step"), found: "nothing", expected: "the number of updates before it")
      }
      if let last = result.last?.step, step <= last {
        throw .run(
          entry.path(of: "step"), found: "\(step) after \(last)", expected: "steps that rise")
      }
      let arrays = try arrays(entry, known, from: source)
      for parameter in parameters
      where parameter.trainable && parameter.isRegistered && arrays[parameter.name] == nil {
        throw .run(
          "\(entry.path(of: "parameters")).\(parameter.name)", found: "nothing",
          expected: "the file of that parameter, which is trainable")
      }
      result.append(Run.Snapshot(step: step, arrays: arrays))
    }
    return result
  }

  private static func arrays(
    _ entry: Fields, _ known: [String: Graph.Parameter], from source: RunSource
  ) throws(RunError) -> [String: NpyArray] {
    var result: [String: NpyArray] = [:]
    for (name, path) in try entry.stringMap("parameters").sorted(by: { $0.key < $1.key }) {
      let place = "\(entry.path(of: "parameters")).\(name)"
      guard let parameter = known[name] else {
        throw .run(place, found: "no parameter of the graph", expected: "the name of one")
      }
      let array = try source.array(path, at: place)
      guard array.shape == parameter.array.shape else {
        throw .array(
          array.file, found: "shape \(array.shape)",
          expected: "\(parameter.array.shape), as of parameter \"\(name)\" after the training")
      }
      result[name] = array
    }
    return result
  }
}
