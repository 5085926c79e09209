import Npy

extension Run {
  /// The same run on its validation data; nil when it has none.
  public var onValidation: Run? {
    guard let rows = validation.values.first?.rows, rows > 0 else { return nil }
    return replacingData(validation, rows: rows)
  }

  /// The same run without some of its losses, which are given by their index.
  public func without(losses dropped: Set<Int>) -> Run {
    guard !dropped.isEmpty else { return self }
    return Run(
      graph: graph, data: data, validation: validation,
      losses: losses.indices.filter { !dropped.contains($0) }.map { losses[$0] },
      training: training, history: history, provenance: provenance, samples: samples,
      nominalBatch: nominalBatch)
  }
}
