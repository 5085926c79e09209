import Npy

extension Run {
  /// The weights at one moment of the training.
  public struct Snapshot: Sendable {
    /// Updates before it.
    public let step: Int
    /// By the parameter's name: every trainable parameter that the model lists, and those others
    /// that the snapshot has.
    public let arrays: [String: NpyArray]
  }

  /// The most snapshots of a run: each is replayed.
  public static let snapshotLimit = 64

  /// The same run as a snapshot found it: its parameters have the values of then, and those that it
  /// leaves out, which the training does not change, have those after the training.
  ///
  /// Its weights before the training, its history and its settings are those of the whole run.
  public func at(_ snapshot: Snapshot) -> Run {
    var other = Run(
      graph: graph.replacing(snapshot.arrays), data: data, validation: validation, losses: losses,
      training: training, history: history, provenance: provenance, snapshots: snapshots,
      samples: samples, nominalBatch: nominalBatch)
    other.folder = folder
    other.memory = memory
    other.squeezed = squeezed
    // Another process that opened the run has other weights: `part` stays nil.
    return other
  }
}

extension Run {
  /// Updates in an epoch, which need be no whole number; nil when nothing tells.
  public var updatesPerEpoch: Double? {
    if let steps = training.steps, let epochs = training.epochs, steps > 0, epochs > 0 {
      return Double(steps) / Double(epochs)
    }
    guard training.batchSize != nil, samples > 0 else { return nil }
    return updates(ofEpochs: 1).map { Double($0) }
  }

  /// The epoch, counted from 1, to which so many updates lead; nil when nothing tells.
  public func epoch(after step: Int) -> Int? {
    guard let updatesPerEpoch, step > 0 else { return nil }
    return Int(exactly: (Double(step) / updatesPerEpoch).rounded(.up))
  }
}
