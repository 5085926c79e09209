import Glibc
import Operators
import Replay
import Runs

/// How the state of a recurrent layer grows from step to step, over the second half of the steps that
/// are finite.
public struct StateGrowth: Sendable {
  /// The node, by its index.
  public let node: Int
  /// Steps of which the state is finite.
  public let steps: Int
  /// The root mean square of the state after the last of them, as a multiple of that in the middle.
  public let ratio: Double

  /// The factor from one step to the next.
  public var perStep: Double { pow(ratio, 1 / Double(max(1, steps - 1 - steps / 2))) }

  /// The fewest steps that tell a growth.
  static let fewest = 6
  static let rows = 64

  /// The growth in every recurrent layer at some weights; empty where they make nothing finite.
  ///
  /// - Throws: `RunError` when the run cannot be replayed.
  public static func all(
    _ run: Run, _ weights: Weights, _ progress: Progress
  ) throws(RunError) -> [StateGrowth] {
    guard run.graph.nodes.contains(where: { $0.kind.bounded != nil }) else { return [] }
    let sample = try run.subsample(try run.affordable(rows))
    let stepper = try Stepper(sample, from: weights, progress: progress)
    _ = try stepper.dataLoss(0..<sample.samples)
    return try all(stepper, try Plan(sample, rows: sample.samples))
  }

  /// The growth in the last batch of a stepper.
  ///
  /// - Parameter plan: that of a batch of as many rows.
  static func all(_ stepper: Stepper, _ plan: Plan) throws(RunError) -> [StateGrowth] {
    var result: [StateGrowth] = []
    for (index, node) in stepper.run.graph.nodes.enumerated() {
      let inputs = node.inputs.map { $0.map { plan.operands[$0] } }
      guard let recurrence = node.kind.recurrence(inputs), let output = node.outputs.first else {
        continue
      }
      let sizes = sizes(
        stepper.value(of: output), plan.operands[output].shape.dims, axis: recurrence.stepAxis)
      guard sizes.count >= fewest, let end = sizes.last, sizes[sizes.count / 2] > 0 else {
        continue
      }
      result.append(
        StateGrowth(node: index, steps: sizes.count, ratio: end / sizes[sizes.count / 2]))
    }
    return result
  }

  /// The root mean square of the state after each step, up to the first that is not finite.
  private static func sizes(
    _ values: UnsafeMutableBufferPointer<Float>, _ dims: [Int], axis: Int
  ) -> [Double] {
    guard dims.indices.contains(axis), values.count == dims.reduce(1, *) else { return [] }
    let inner = dims[(axis + 1)...].reduce(1, *)
    let outer = dims[..<axis].reduce(1, *)
    var result: [Double] = []
    for step in 0..<dims[axis] {
      var sum = 0.0
      for line in 0..<outer {
        let start = (line * dims[axis] + step) * inner
        for place in start..<(start + inner) {
          sum += Double(values[place]) * Double(values[place])
        }
      }
      guard sum.isFinite, outer * inner > 0 else { break }
      result.append((sum / Double(outer * inner)).squareRoot())
    }
    return result
  }
}
