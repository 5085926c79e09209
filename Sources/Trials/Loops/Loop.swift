import Glibc
import Runs

/// What a training loop does beside, or in place of, what its settings say.
public enum Loop: Hashable, Sendable {
  /// Nothing else.
  case asSet
  /// Gradients are added up and cleared only after so many batches; nil for never.
  case accumulated(clearedEvery: Int?)
  /// One update for so many batches, by the mean of their gradients: done on purpose, and no fault.
  case averaged(Int)
  /// The gradients together are cut to a norm.
  case clipped(norm: Double)
  /// Every element of the gradients is cut to a bound.
  case clippedElements(to: Double)
  /// The learning rate falls.
  case decayed(Decay)
  /// The gradients are multiplied by a number.
  case scaled(Double)
  /// The learning rate is so many times the one that the optimizer stands at.
  case faster(Double)
  /// The rows come in their own order in every epoch.
  case unshuffled
  /// The learning rate stays the first, although a schedule is set.
  case unscheduled
  /// Nothing is clipped, although that is set.
  case unclipped
  /// Only the parameters that the training moved are trained.
  case partial
  /// Frozen parameters are trained too.
  case thawed
  /// Nothing stops a gradient.
  case unstopped
  /// The optimizer holds the parameters, too, that it lacks.
  case complete

  /// How a learning rate falls.
  public enum Decay: Hashable, Sendable {
    /// By e every so large a share of all updates.
    case exponential(share: Double)
    /// Evenly to nothing.
    case linear
    /// Along half a cosine to nothing.
    case cosine
    /// It rises from nothing in a share of the updates, and stays.
    case warmUp(share: Double)
    /// From the first rate to a share of it, by the same factor at every update.
    case down(to: Double)

    /// The share of the first rate after a share of all updates.
    func share(at done: Double) -> Double {
      switch self {
      case .exponential(let share): exp(-done / share)
      case .linear: 1 - done
      case .cosine: (1 + cos(.pi * done)) / 2
      case .warmUp(let share): min(1, done / share)
      case .down(let share): pow(share, done)
      }
    }
  }

  /// Loops that differ only in how strongly they do it.
  public enum Kind: Sendable {
    case asSet, accumulated, averaged, clipped, decayed, unshuffled, unscheduled, unclipped, scaled,
      faster, partial, thawed, unstopped, complete
  }

  /// What kind it is of.
  public var kind: Kind {
    switch self {
    case .asSet: .asSet
    case .accumulated: .accumulated
    case .averaged: .averaged
    case .clipped, .clippedElements: .clipped
    case .scaled: .scaled
    case .faster: .faster
    case .decayed: .decayed
    case .unshuffled: .unshuffled
    case .unscheduled: .unscheduled
    case .unclipped: .unclipped
    case .partial: .partial
    case .thawed: .thawed
    case .unstopped: .unstopped
    case .complete: .complete
    }
  }

  /// The run that it trains: one with more to train, where it opens something.
  ///
  /// - Throws: `RunError` when an operator is not known.
  func opening(_ run: Run) throws(RunError) -> Run {
    switch self {
    case .thawed: run.thawed
    case .unstopped: try run.ignoringStops()
    default: run
    }
  }

  /// Whether it makes a sound training diverge by itself: what ends in no finite number has other
  /// causes as often as a loop.
  var diverges: Bool { kind == .accumulated || self == .scaled(-1) }

  /// Whether it trains other parameters than the run does.
  public var opens: Bool { [.thawed, .unstopped, .complete].contains(self) }

  /// A weaker and a stronger one of the same kind, so many times apart; none where it has no strength.
  func neighbours(_ step: Double) -> [Loop] {
    switch self {
    case .clipped(let norm): [.clipped(norm: norm * step), .clipped(norm: norm / step)]
    case .clippedElements(let bound):
      [.clippedElements(to: bound * step), .clippedElements(to: bound / step)]
    case .scaled(let factor) where factor > 0 && factor < 1:
      [.scaled(factor * step), .scaled(factor / step)]
    case .decayed(.exponential(let share)):
      [.decayed(.exponential(share: share * step)), .decayed(.exponential(share: share / step))]
    default: []
    }
  }
}
