import Npy

extension Run {
  /// What a run was read from.
  package struct Origin: Sendable {
    /// Its run.json.
    package let document: JSONValue
    let place: RunSource.Place
  }

  /// The run that another run.json makes of the arrays of this one; targets that are taken in other
  /// shapes stay so.
  ///
  /// - Parameter arrays: by path, arrays in place of those of this run, or beside them.
  /// - Throws: `RunError` when this run was not read from anywhere, or the run.json does not fit.
  package func reading(
    _ document: JSONValue, with arrays: [String: NpyArray] = [:]
  ) throws(RunError) -> Run {
    guard let origin else {
      throw .run("the run", found: "derived from another", expected: "one that was opened")
    }
    var source = RunSource(origin.place, { false })
    source.others = arrays
    var other = try Run(document, from: source)
    other.memory = memory
    other.folder = folder
    let shapes = squeezed.compactMap { name in data[name].map { (name, $0.shape) } }
    return shapes.isEmpty ? other : other.squeezing(Dictionary(uniqueKeysWithValues: shapes))
  }

  /// The same run with other values of some parameters, by name, in the same shapes.
  package func replacingParameters(_ arrays: [String: NpyArray]) -> Run {
    var other = Run(
      graph: graph.replacing(arrays), data: data, validation: validation, losses: losses,
      training: training, history: history, provenance: provenance, snapshots: [],
      samples: samples, nominalBatch: nominalBatch)
    other.memory = memory
    other.squeezed = squeezed
    return other
  }
}
