import Npy

extension Run {
  /// The same run on its validation data; nil when it has none.
  public var onValidation: Run? {
    guard let rows = validation.values.first?.rows, rows > 0 else { return nil }
    var other = replacingData(validation, rows: rows)
    other.identity = identity
    other.part = part
    other.part?.onValidation = true
    return other
  }

  /// The same run without some of its losses, which are given by their index.
  public func without(losses dropped: Set<Int>) -> Run {
    guard !dropped.isEmpty else { return self }
    var other = Run(
      graph: graph, data: data, validation: validation,
      losses: losses.indices.filter { !dropped.contains($0) }.map { losses[$0] },
      training: training, history: history, provenance: provenance, snapshots: snapshots,
      samples: samples, nominalBatch: nominalBatch)
    other.identity = identity
    other.memory = memory
    other.squeezed = squeezed
    // Indices are those of the whole run.
    other.part = part.flatMap { $0.dropped.isEmpty ? $0 : nil }
    other.part?.dropped = dropped.sorted()
    return other
  }
}

extension Run {
  /// Updates of the training, by its steps, its epochs or the length of its history; nil when the run
  /// tells none of them.
  public var updates: Int? {
    if let steps = training.steps { return steps }
    let perEpoch = (samples + max(1, nominalBatch) - 1) / max(1, nominalBatch)
    func times(_ epochs: Int) -> Int? {
      let (product, overflow) = epochs.multipliedReportingOverflow(by: perEpoch)
      return overflow ? nil : product
    }
    if let epochs = training.epochs { return times(epochs) }
    guard let series = history["loss"] else { return nil }
    return series.perEpoch ? times(series.array.count) : series.array.count
  }
}
