import Npy
import Replay
import Runs

/// How much each feature moves the model's predictions.
public struct Sensitivity: Sendable {
  /// By column of the table of features: the mean change of the predictions when the column is set to
  /// its mean on every sample, as a share of the sum over all columns.
  public let shares: [Double]
  /// Samples that it was measured on.
  public let samples: Int

  /// The most features that are tried one by one.
  public static let widthLimit = 256
  static let rows = 128

  /// Sets one column after the other to its mean. Unlike a gradient times a deviation, this sees what
  /// a rectifier or a step makes of the whole range.
  ///
  /// - Returns: nil when there are too many features, or no losses, or nothing moves the predictions.
  /// - Throws: `RunError` when the run cannot be replayed.
  init?(_ run: Run, _ weights: Weights, _ progress: Progress) throws(RunError) {
    let sample = try run.subsample(try run.affordable(Self.rows))
    let names = run.graph.inputs.map { run.graph.tensors[$0] }
    let arrays = names.compactMap { sample.data[$0] }
    let width = arrays.reduce(0) { $0 + $1.rowLength }
    guard width > 1, width <= Self.widthLimit, !run.losses.isEmpty, sample.samples > 1 else {
      return nil
    }
    let whole = try Self.predictions(try Stepper(sample, from: weights, progress: progress))
    guard whole.allSatisfy(\.isFinite) else { return nil }
    var changes: [Double] = []
    for (name, array) in zip(names, arrays) {
      let block = try FloatBlock(reading: array)
      // It reads what the block holds at the time.
      let stepper = try Stepper(
        sample.replacingData(
          [name: try block.array(array.shape, name: name)], rows: sample.samples),
        from: weights, progress: progress)
      let length = array.rowLength
      for column in 0..<length {
        let places = stride(from: column, to: array.count, by: length)
        let values = places.map { block.buffer[$0] }
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(array.rows)
        for place in places { block.buffer[place] = Float(mean) }
        let other = try Self.predictions(stepper)
        changes.append(zip(whole, other).reduce(0) { $0 + abs(Double($1.0) - Double($1.1)) })
        for (place, value) in zip(places, values) { block.buffer[place] = value }
      }
    }
    let total = changes.reduce(0, +)
    guard total > 0, total.isFinite else { return nil }
    shares = changes.map { $0 / total }
    samples = sample.samples
  }

  /// What all losses predict.
  private static func predictions(_ stepper: Stepper) throws(RunError) -> [Float] {
    _ = try stepper.dataLoss(0..<stepper.run.samples)
    return stepper.run.losses.flatMap { Array(stepper.value(of: $0.prediction)) }
  }
}
