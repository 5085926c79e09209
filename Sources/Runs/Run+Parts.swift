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
    if let epochs = training.epochs { return updates(ofEpochs: epochs) }
    guard let series = history["loss"] else { return nil }
    return series.perEpoch ? updates(ofEpochs: series.array.count) : series.array.count
  }

  /// Updates of as many epochs, one for every `accumulation` batches; nil when no number holds them.
  func updates(ofEpochs epochs: Int) -> Int? {
    let batches = Self.parts(of: samples, max(1, nominalBatch))
    let perEpoch = Self.parts(of: batches, training.accumulation ?? 1)
    let (product, overflow) = epochs.multipliedReportingOverflow(by: perEpoch)
    return overflow ? nil : product
  }

  /// How many parts of a size hold as many things.
  private static func parts(of count: Int, _ size: Int) -> Int {
    count / size + (count % size == 0 ? 0 : 1)
  }
}
