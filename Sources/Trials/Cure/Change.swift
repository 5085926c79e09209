/// One thing that a training is tried with otherwise than it was: an edit of its run. Changes of
/// different families go together.
public enum Change: Sendable, Hashable {
  /// Nothing: the same training again, by a loop that does what its settings say.
  case asSet
  /// The activation right before a loss is another one; the identity for none.
  case head(node: String, to: Function)
  /// Activations between layers are another function.
  case activations(nodes: [String], to: Function)
  /// An activation follows some layers.
  case inserted(after: [String], op: Function)
  /// Layers have so many units.
  case wider(nodes: [String], units: Int)
  /// Another layer of so many units, with a rectifier, comes before one.
  case hiddenLayer(before: String, units: Int)
  /// Gradients go through nodes that stop them.
  case letThrough(nodes: [String])
  /// A loss is of another kind.
  case loss(term: Int, kind: String)
  /// Targets have the shape of what is predicted.
  case reshapedTargets([String])
  /// A summed loss is averaged over the batch.
  case averaged
  /// The weights are drawn anew, by a sound scheme.
  case freshWeights
  /// Inputs are standardized.
  case scaledInputs([String])
  /// Targets are.
  case scaledTargets([String])
  /// Rows with values far beyond all others are left out.
  case withoutOutliers
  /// Rows of rare classes come as often as those of the most frequent.
  case balanced
  /// Rows are shuffled.
  case shuffled
  /// Nothing is dropped at random.
  case withoutDropout
  /// There is no penalty and no weight decay.
  case unpenalized
  /// The optimizer holds all trainable parameters.
  case complete
  /// Batches have so many rows.
  case batches(rows: Int)
  /// Gradients are not clipped.
  case unclipped
  /// Gradients are clipped to a norm.
  case clipped(norm: Double)
  /// The learning rate stays the first.
  case unscheduled
  /// The learning rate is so many times as large.
  case learningRate(factor: Double)
  /// Another optimizer.
  case optimizer(kind: String, learningRate: Double)
  /// So many times as many updates.
  case updates(factor: Int)

  /// Changes of one family exclude each other.
  public enum Family: Int, Sendable, Comparable {
    case loop, head, activations, inserted, size, gradients, loss, targets, reduction, weights,
      inputs, scale, outliers, balance, order, dropout, penalties, parameters, batch, clip,
      schedule,
      rate, updates

    /// By how much of a network they leave as it was.
    public static func < (a: Family, b: Family) -> Bool { a.rawValue < b.rawValue }
  }

  /// Its family.
  public var family: Family {
    switch self {
    case .asSet: .loop
    case .head: .head
    case .activations: .activations
    case .inserted: .inserted
    case .wider, .hiddenLayer: .size
    case .letThrough: .gradients
    case .loss: .loss
    case .reshapedTargets: .targets
    case .averaged: .reduction
    case .freshWeights: .weights
    case .scaledInputs: .inputs
    case .scaledTargets: .scale
    case .withoutOutliers: .outliers
    case .balanced: .balance
    case .shuffled: .order
    case .withoutDropout: .dropout
    case .unpenalized: .penalties
    case .complete: .parameters
    case .batches: .batch
    case .unclipped, .clipped: .clip
    case .unscheduled: .schedule
    case .learningRate, .optimizer: .rate
    case .updates: .updates
    }
  }

  /// Whether it changes nothing of the code beside what an optimizer is given: it may help any training.
  public var isGeneric: Bool {
    switch self {
    case .learningRate, .optimizer, .updates: true
    default: false
    }
  }
}
