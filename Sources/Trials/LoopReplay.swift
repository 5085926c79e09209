import Npy
import Replay
import Runs

/// The training of a run done again as it was set, over all of its rows and updates, a few times in
/// different orders: where its parameters go, beside where those of the run went.
public struct LoopReplay: Sendable {
  /// One parameter on its way from the start.
  public struct Move: Sendable {
    /// The parameter.
    public let parameter: String
    /// Its tensor.
    public let tensor: Int
    /// The largest cosine between the run's move and one of the replays.
    public let cosine: Double
    /// The smallest cosine between two of the replays.
    public let agreement: Double
    /// The norm of the run's move over the mean of the replays'.
    public let ratio: Double
  }

  /// The parameters that moved, in the run and in every replay.
  public let moves: [Move]
  /// Updates of the run, and of every replay.
  public let updates: Int
  /// How many replays there are.
  public let count: Int
  /// The worst loss that a replay ended with, over all rows; nil when the first ended no better than
  /// the training, so that no other was made.
  public let loss: Double?

  /// Replays, the least with which they can be held against each other.
  static let count = 3
  /// Arithmetic of all of them.
  static let budget = 2e10
  /// The most updates: what a longer training ends in says little of where its gradients point.
  static let updateLimit = 2000
  /// The most values of the data, which are held in memory in an order of their own.
  static let valueLimit = 1 << 23
  /// By how much of its norm a parameter is moved at the start of all replays but the first, so that a
  /// training that such a little sends elsewhere is seen to be one.
  static let nudge = 1e-2
  static let chunk = 256
}

/// Replays of a loop, or why there are none.
public enum LoopReplayOutcome: Sendable {
  /// What was measured.
  case done(LoopReplay)
  /// Why not, as a sentence without a full stop.
  case not(String)
}

extension LoopReplay {
  /// Does the training of a run again.
  ///
  /// - Parameters:
  ///   - before: the weights before the training.
  ///   - after: those after it.
  ///   - bound: the loss that a replay must come below for the others to be worth making.
  /// - Throws: `RunError` when the data cannot be read, or the run not be replayed.
  public static func measure(
    _ run: Run, before: Weights, after: Weights, bound: Double,
    progress: Progress = Progress()
  ) throws(RunError) -> LoopReplayOutcome {
    guard let optimizer = run.training.optimizer, optimizer.learningRate > 0 else {
      return .not("the run does not say how it was optimized")
    }
    guard let updates = run.updates, updates > 0 else {
      return .not("the run does not say how many updates were done")
    }
    guard updates <= updateLimit else {
      return .not("after \(updates) updates, no parameter's way from the start tells its gradient")
    }
    let size = run.data.values.reduce(0) { $0 + $1.count }
    let work =
      Workload.operations(run, try Plan(run, rows: run.batchSize)) * Double(updates * count)
    guard size <= valueLimit, work <= budget else {
      return .not("the training is too large to be done again")
    }
    var ends: [[[Float]]] = []
    var worst = 0.0
    var slots: [Stepper.Slot] = []
    for number in 0..<count {
      let stepper = try Stepper(ordered(run, number), from: before, progress: progress)
      let loss = try replay(stepper, updates, number)
      guard loss.isFinite else { return .not("the training diverges when it is done again") }
      guard loss < bound else {
        return .done(LoopReplay(moves: [], updates: updates, count: number + 1, loss: nil))
      }
      worst = max(worst, loss)
      slots = stepper.slots
      ends.append(stepper.slots.map { Array($0.values) })
    }
    return .done(
      LoopReplay(
        moves: moves(slots, ends, after), updates: updates, count: count, loss: worst))
  }

  /// The run with its rows in the order of one replay; those that it never shuffled stay.
  private static func ordered(_ run: Run, _ number: Int) throws(RunError) -> Run {
    guard run.training.shuffle ?? true, run.batchSize < run.samples else { return run }
    var random = FixedRandom(seed: 23 + UInt64(number))
    return try run.selecting(random.permutation(run.samples))
  }

  /// Does the updates of one replay, and gives the loss that they end with.
  private static func replay(
    _ stepper: Stepper, _ updates: Int, _ number: Int
  ) throws(RunError) -> Double {
    if number > 0 { nudge(stepper, seed: 29 + UInt64(number)) }
    let (rows, size) = (stepper.run.samples, stepper.run.batchSize)
    let batches = (rows + size - 1) / size
    var updater = try Updater(stepper, Changes())
    for update in 0..<updates {
      let start = update % batches * size
      let loss = try stepper.gradient(start..<min(start + size, rows))
      guard loss.isFinite else { return .infinity }
      try updater.update(stepper, factor: 1)
    }
    var total = 0.0
    let piece = max(size, chunk)
    for start in stride(from: 0, to: rows, by: piece) {
      let part = start..<min(start + piece, rows)
      total += try stepper.dataLoss(part) * Double(part.count) / Double(rows)
    }
    return total
  }

  private static func nudge(_ stepper: Stepper, seed: UInt64) {
    var random = FixedRandom(seed: seed)
    for slot in stepper.slots {
      let square = slot.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      let size = nudge * (square / Double(max(1, slot.values.count))).squareRoot()
      for i in slot.values.indices { slot.values[i] += Float(size * random.normal()) }
    }
  }

  private static func moves(
    _ slots: [Stepper.Slot], _ ends: [[[Float]]], _ after: Weights
  ) -> [Move] {
    slots.indices.compactMap { index in
      let slot = slots[index]
      let own = difference(Array(after.values(of: slot.parameter)), slot.start)
      let replays = ends.map { difference($0[index], slot.start) }
      let norms = replays.map(norm)
      guard norm(own) > 0, norms.allSatisfy({ $0 > 0 }) else { return nil }
      var agreement = 1.0
      for a in replays.indices {
        for b in 0..<a { agreement = min(agreement, cosine(replays[a], replays[b])) }
      }
      return Move(
        parameter: slot.parameter.name, tensor: slot.parameter.tensor,
        cosine: replays.map { cosine($0, own) }.max() ?? 0, agreement: agreement,
        ratio: norm(own) / (norms.reduce(0, +) / Double(norms.count)))
    }
  }

  private static func difference(_ end: [Float], _ start: [Float]) -> [Double] {
    zip(end, start).map { Double($0) - Double($1) }
  }

  private static func norm(_ values: [Double]) -> Double {
    values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private static func cosine(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
  }
}
