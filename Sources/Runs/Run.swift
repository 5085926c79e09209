import Npy
import Operators

/// What one training script exported: graph, weights, data, settings and history. Opened and
/// checked; nothing is loaded before it is replayed.
public struct Run: Sendable {
  /// Nodes, parameters and what connects them.
  public let graph: Graph
  /// Inputs and targets by name; axis 0 of each is the sample.
  public let data: [String: NpyArray]
  /// The same for the validation data; empty when there is none.
  public let validation: [String: NpyArray]
  /// The losses whose weighted sum was trained on.
  public let losses: [LossTerm]
  /// Optimizer, batch size and the rest.
  public let training: Training
  /// Loss and metrics as the script saw them, by name.
  public let history: [String: Series]
  /// What made the run: `framework`, `version`.
  public let provenance: [String: String]
  /// The weights at moments of the training, in their order; empty when none were kept.
  public let snapshots: [Snapshot]
  /// The folder it was opened from; nil for a run in memory.
  public internal(set) var folder: String?
  /// Rows of the data; 1 when no input is fed by data.
  public let samples: Int
  /// Samples in a batch of the training; all of them when the run does not say. A subsample keeps
  /// the number of the whole.
  public let nominalBatch: Int

  /// Targets that are taken in the shape of their predictions, not in their own.
  public internal(set) var squeezed: Set<String> = []
  /// How much memory its measurements may take; what the machine has once it is opened.
  public var memory = MemoryBudget(bytes: Int.max)

  /// A hash of run.json and the shapes of all arrays: the same in every process that opened the run.
  package var identity: UInt64 = 0
  /// Which part of the opened run this is; nil for data that only this process has.
  package var part: RunPart?
  /// The run.json that it was read from; nil for a run that was derived from another.
  package internal(set) var origin: Origin?

  /// Samples in a batch as far as there are that many.
  public var batchSize: Int { min(nominalBatch, max(1, samples)) }

  /// One loss of the total.
  public final class LossTerm: Sendable {
    /// Where it stands in run.json, for messages.
    public let place: String
    /// The kind in run.json.
    public let kind: String
    /// The loss with its settings read.
    public let loss: any Loss
    /// The predicted tensor.
    public let prediction: Int
    /// What the loss takes beside prediction and target, such as a predicted variance.
    public let others: [Other]
    /// The name of the targets in `data`.
    public let target: String
    /// The name of one weight per sample in `data`; nil when all weigh 1.
    public let sampleWeight: String?
    /// What becomes of the sum of all terms.
    public let reduction: Reduction
    /// Factor in the total.
    public let weight: Double
    /// The parameter with the weights of the classes, or of the positive event.
    public let weights: Int?

    init(
      place: String, kind: String, loss: any Loss, prediction: Int, others: [Other], target: String,
      sampleWeight: String?, reduction: Reduction, weight: Double, weights: Int?
    ) {
      self.place = place
      self.kind = kind
      self.loss = loss
      self.prediction = prediction
      self.others = others
      self.target = target
      self.sampleWeight = sampleWeight
      self.reduction = reduction
      self.weight = weight
      self.weights = weights
    }

    /// Whether terms are averaged, or summed.
    public var mean: Bool { reduction != .sum }

    /// The tensors that get a gradient from the loss: the prediction first.
    public var heads: [Int] { [prediction] + others.compactMap(\.tensor) }

    /// The second tensor that gets a gradient; nil for a loss on one prediction.
    public var second: Int? { others.lazy.compactMap(\.tensor).first }

    /// The names of all targets in `data`: the first is the one that the prediction is held against.
    public var targets: [String] { [target] + others.compactMap(\.data) }

    /// One thing that a loss takes beside prediction and target.
    public enum Other: Sendable, Equatable {
      /// A tensor of the graph.
      case tensor(Int)
      /// Further targets: a name in `data`.
      case data(String)

      /// The tensor of the graph; nil for targets.
      public var tensor: Int? { if case .tensor(let tensor) = self { tensor } else { nil } }

      /// The name in `data`; nil for a tensor.
      public var data: String? { if case .data(let name) = self { name } else { nil } }
    }

    /// What becomes of the sum of the terms of a batch.
    public enum Reduction: String, Sendable, CaseIterable {
      /// It is divided by the loss's normalizer, which sample weights do not change.
      case mean
      /// Nothing.
      case sum
      /// It is divided by the normalizer of each sample times its weight.
      case weightedMean = "weighted-mean"
    }
  }

  /// A recorded series.
  public struct Series: Sendable {
    /// The values.
    public let array: NpyArray
    /// Whether there is one value per epoch or per step.
    public let perEpoch: Bool
  }
}
