import Npy

extension Run {
  /// The same run with some targets in other shapes, training and validation alike.
  ///
  /// - Parameter shapes: by target: rows and the lengths of a row, which may differ from the target's
  ///   own in axes of length 1; others are left as they are.
  public func squeezing(_ shapes: [String: [Int]]) -> Run {
    var (data, validation) = (data, validation)
    var changed = squeezed
    for (name, shape) in shapes {
      guard let array = data[name]?.squeezed(to: shape) else { continue }
      data[name] = array
      changed.insert(name)
      if let held = validation[name] {
        validation[name] = held.squeezed(to: [held.rows] + shape.dropFirst()) ?? held
      }
    }
    guard changed != squeezed else { return self }
    var other = Run(
      graph: graph, data: data, validation: validation, losses: losses, training: training,
      history: history, provenance: provenance, snapshots: snapshots, samples: samples,
      nominalBatch: nominalBatch)
    other.folder = folder
    other.memory = memory
    other.squeezed = changed
    other.origin = origin
    return other
  }
}
