import Operators
import Replay
import Runs

/// A training tried from fresh weights as its network is, and with a narrow layer as wide as its
/// neighbours.
public struct WideningTrial: Sendable {
  /// The node with the kernel of the narrow layer.
  public let node: Int
  /// Its units, those that it was tried with, and the units before and after it.
  public let width: Int
  /// Units that it was tried with.
  public let wide: Int
  /// Values that come in.
  public let before: Int
  /// Units of the next layer.
  public let after: Int
  /// What the training leaves as it is, of the best constant prediction's loss, by draw of the weights.
  public let narrow: [Double]
  /// What it leaves with the wider layer, by draw.
  public let widened: [Double]
  /// Updates of each.
  public let updates: Int
  /// Rows that they were judged by.
  public let judged: Int
  /// Whether those were kept aside.
  public let isHeldOut: Bool

  /// Arithmetic of each of them.
  static let budget = 5e9
  static let fewest = 20
  static let most = 600
  static let draws: UInt64 = 3

  /// Tries the narrowest layer.
  ///
  /// - Parameters:
  ///   - share: the most units that a narrow layer has, as a share of its narrower neighbour's.
  ///   - effort: factor of the arithmetic that it may take.
  /// - Returns: nil where no layer is narrow, or it cannot be tried.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  public init?(
    _ data: TrialData, _ weights: Weights, share: Double, effort: Double = 1, progress: Progress
  ) throws(RunError) {
    let run = data.run
    guard let optimizer = run.training.optimizer, optimizer.learningRate > 0, data.trained > 1,
      !run.losses.isEmpty, !run.graph.nodes.isEmpty
    else { return nil }
    let plan = try Plan(run, rows: data.batch)
    guard let layer = NarrowLayer.all(run, plan, share: share).first,
      let yardstick = try Yardstick(try Stepper(run, from: weights, progress: progress), data)
    else { return nil }
    let wider = try layer.widened(run)
    let widerPlan = try Plan(wider, rows: data.batch)
    let steps = min(
      Double(Self.most), effort * Self.budget / Workload.operations(wider, widerPlan),
      run.updates.map { Double($0) } ?? .infinity)
    guard steps >= Double(Self.fewest) else { return nil }
    let widerData = data.on(wider)
    let widerWeights = try Weights(wider)
    var (own, other) = ([Double](), [Double]())
    for draw in 0..<Self.draws {
      let changes = Changes().with {
        $0.start = .fresh
        $0.draw = draw
        $0.steps = Int(steps)
      }
      own.append(try Self.left(changes, data, weights, plan, yardstick, progress))
      other.append(try Self.left(changes, widerData, widerWeights, widerPlan, yardstick, progress))
    }
    node = layer.node
    (width, wide, before, after) = (layer.width, layer.wide, layer.before, layer.after)
    (narrow, widened) = (own, other)
    updates = Int(steps)
    judged = data.judged.count
    isHeldOut = data.isHeldOut
  }

  private static func left(
    _ changes: Changes, _ data: TrialData, _ weights: Weights, _ plan: Plan, _ yardstick: Yardstick,
    _ progress: Progress
  ) throws(RunError) -> Double {
    let stepper = try Stepper(data.run, from: weights, progress: progress)
    Initialization.draw(into: stepper, plan, seed: 3 + changes.draw)
    return try Trial(
      changes, on: data, with: stepper, yardstick, screening: max(8, changes.steps / 16)
    ).best()
  }
}
