import Replay
import Runs

/// What playing a training again, as it was set and with faults of its loop, tells of it. All losses
/// are relative: 1 is the best constant prediction, 0 a perfect one.
public struct LoopTrials: Sendable {
  /// A loop that was played over some orders of the rows.
  public struct Played: Sendable {
    /// What the loop did.
    public let loop: Loop
    /// Whether it ends decisively better than the training did, in every order.
    public let isDecisive: Bool
    /// The relative losses that it ended with, one for each order.
    public let ends: [Double]
    /// Those on the validation data; empty without any.
    public let validations: [Double]
    /// How far the training is from it, in standard deviations.
    public let distance: Double
    /// The same of the end alone; nil where the loop was not played to it.
    let endDistance: Double?
    /// The median norm of all gradients together, of one order.
    public let gradientNorm: Double

    /// The mean of `ends`; infinite when one diverged.
    public var end: Double { ends.reduce(0, +) / Double(max(1, ends.count)) }
  }

  /// One parameter on its way from the start.
  public struct Move: Sendable {
    /// The parameter.
    public let parameter: String
    /// Its tensor.
    public let tensor: Int
    /// The largest cosine between the training's move and that of a play as set.
    public let cosine: Double
    /// The smallest cosine between two of these plays.
    public let agreement: Double
    /// The norm of the training's move over the mean of the plays'.
    public let ratio: Double
  }

  /// The relative loss that the training ended with.
  public let ended: Double
  /// That on the validation data; nil without any.
  public let validation: Double?
  /// The training as it was set.
  public let asSet: Played
  /// The loops that were tried where the settings do not explain the end, the nearest first.
  public let others: [Played]
  /// Batches of the training, and how many of them were played.
  public let updates: (all: Int, played: Int)
  /// The share of the first learning rate that the optimizer stands at, where it has fallen and no
  /// schedule is known; nil otherwise.
  public let rateFell: Double?
  /// The losses that are 1 and 0.
  public let yardstick: Yardstick

  /// What the settings are to the end of the training.
  public enum Explanation: Sendable {
    /// The training as set ends where it did.
    case settings
    /// It ends elsewhere, and no better.
    case harmless
    /// It ends decisively better: the loop did something else.
    case otherLoop
  }

  /// What the settings are to the end of the training.
  public internal(set) var explanation: Explanation
  /// Whether plays differ in the order of the rows; else their start is moved by a hundredth.
  public let isShuffled: Bool
  /// The parameters that moved, in the training and in every play as set; empty where it was played
  /// but once, or the network is too large to keep them.
  public let moves: [Move]

  /// The loop that the training is nearest to; nil where none is near. A learning rate that is known to
  /// have fallen comes before any other that is near.
  public var match: Played? {
    guard explanation == .otherLoop else { return nil }
    // The nearest are played in all orders, and no loop is told by fewer.
    let played = others.map(\.ends.count).max() ?? 0
    let near = others.filter {
      $0.ends.count == played && $0.distance <= Self.near
        && $0.distance < asSet.distance / Self.clearly
        // Where a loop runs away, the end says little.
        && ($0.loop.kind == .accumulated || $0.endDistance ?? 0 <= Self.nearEnd)
        && (ended.isFinite || $0.loop.diverges)
    }
    let fallen = rateFell == nil ? nil : near.first { $0.loop.kind == .decayed }
    let best = near.first?.distance ?? 0
    // Of what looks alike, a number that gradients are divided by is the rarest.
    let usual = near.first { $0.loop.kind != .scaled && $0.distance <= best + Self.alike }
    return fallen ?? usual ?? near.first
  }

  /// The training without a setting that holds it back, where the settings explain its end and it ends
  /// decisively better without.
  public func lifted(_ kind: Loop.Kind) -> Played? {
    guard explanation != .otherLoop else { return nil }
    return others.filter { $0.loop.kind == kind && $0.isDecisive }.min { $0.end < $1.end }
  }

  /// A loop is told by a distance of at most so many standard deviations: on 130 loops with a fault, all
  /// but two of the right ones are within 2.7, and the wrong ones beyond 3 …
  public static let near = 2.75
  /// … and of the end by at most so many, …
  static let nearEnd = 2.5
  /// … which is so many times smaller than that of the training as set.
  public static let clearly = 1.5
  /// Two loops are alike whose distances differ by no more.
  private static let alike = 1.0
}

/// What the loops told, or why there is nothing.
public enum LoopOutcome: Sendable {
  /// What was measured.
  case done(LoopTrials)
  /// Why not, as a sentence without a full stop.
  case not(String)
}

extension LoopTrials {
  /// Plays the training of a run again.
  ///
  /// - Parameters:
  ///   - before: the weights before the training; nil when unknown.
  ///   - after: those after it; nil when it was not trained.
  ///   - effort: factor of the arithmetic that a play may take.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public static func run(
    _ run: Run, before: Weights?, after: Weights?, effort: Double = 1, workers: Int = 0,
    progress: Progress = Progress()
  ) throws(RunError) -> LoopOutcome {
    try LoopSearch.run(
      run, before: before, after: after, effort: effort, workers: workers, progress: progress)
  }
}
