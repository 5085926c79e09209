import Glibc
import Npy
import Replay
import Runs

/// What padding at the end of sequences does to what a model says.
///
/// The sequences of some samples are moved to the end, behind their padding: the model then reads the
/// same values in the same order, and the last thing that it reads is signal. Where its predictions
/// differ between samples much more then, it forgets the signal over the padding.
public struct PaddingProbe: Sendable {
  /// The input of the data.
  public let input: String
  /// Steps of a sequence.
  public let steps: Int
  /// The mean share of them that are padding.
  public let share: Double
  /// How much predictions vary between samples, as a share of how much they do with the padding first.
  public let left: Double
  /// Samples that it was measured on.
  public let samples: Int

  /// Padded steps of an average sequence.
  public var padded: Double { share * Double(steps) }

  /// How much of the variation one step of padding leaves.
  public var leftPerStep: Double { padded > 0 ? pow(max(left, 1e-30), 1 / padded) : 1 }

  static let rows = 128
  /// The fewest samples that tell how predictions vary.
  public static let fewest = 8

  /// - Parameter input: one with steps along axis 1.
  /// - Returns: nil where sequences do not end in padding, or predictions do not vary.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ run: Run, _ weights: Weights, input: String, _ progress: Progress
  ) throws(RunError) {
    let sample = try run.subsample(try run.affordable(Self.rows))
    guard let array = sample.data[input], array.shape.count >= 2, array.rows >= Self.fewest,
      !run.losses.isEmpty
    else { return nil }
    let block = try FloatBlock(reading: array)
    let steps = array.shape[1]
    let width = array.shape.dropFirst(2).reduce(1, *)
    let lengths = Self.lengths(Array(block.buffer), rows: array.rows, steps: steps, width: width)
    let padded = lengths.reduce(0) { $0 + steps - $1 }
    guard padded > 0 else { return nil }
    let apart = try Self.variation(sample, weights, progress)
    // It reads what the block holds at the time.
    for (row, length) in lengths.enumerated() where length < steps {
      Self.moveToEnd(block.buffer, row: row, length: length, steps: steps, width: width)
    }
    let moved = sample.replacingData(
      [input: try block.array(array.shape, name: input)], rows: sample.samples)
    let together = try Self.variation(moved, weights, progress)
    guard apart.isFinite, together.isFinite, together > 0 else { return nil }
    self.input = input
    self.steps = steps
    share = Double(padded) / Double(array.rows * steps)
    left = apart / together
    samples = array.rows
  }

  /// The steps of every row before those at its end that are all as the last step of most rows is.
  static func lengths(_ values: [Float], rows: Int, steps: Int, width: Int) -> [Int] {
    func step(_ row: Int, _ time: Int) -> ArraySlice<Float> {
      let start = (row * steps + time) * width
      return values[start..<(start + width)]
    }
    let last = Dictionary(grouping: 0..<rows) { Array(step($0, steps - 1)) }
    guard let pad = last.max(by: { ($0.value.count, $1.value[0]) < ($1.value.count, $0.value[0]) }),
      2 * pad.value.count > rows
    else { return .init(repeating: steps, count: rows) }
    return (0..<rows).map { row in
      var length = steps
      while length > 0, step(row, length - 1).elementsEqual(pad.key) { length -= 1 }
      return length
    }
  }

  /// Puts the steps that are no padding behind those that are.
  private static func moveToEnd(
    _ buffer: UnsafeMutableBufferPointer<Float>, row: Int, length: Int, steps: Int, width: Int
  ) {
    let start = row * steps * width
    let whole = Array(buffer[start..<(start + steps * width)])
    let turned = whole[(length * width)...] + whole[..<(length * width)]
    for (place, value) in zip(start..., turned) { buffer[place] = value }
  }

  /// The mean deviation of the predictions between samples.
  private static func variation(
    _ run: Run, _ weights: Weights, _ progress: Progress
  ) throws(RunError) -> Double {
    let stepper = try Stepper(run, from: weights, progress: progress)
    _ = try stepper.dataLoss(0..<run.samples)
    var total = 0.0
    for term in run.losses {
      let values = stepper.value(of: term.prediction)
      let width = values.count / max(1, run.samples)
      for column in 0..<width {
        let own = stride(from: column, to: values.count, by: width).map { Double(values[$0]) }
        let mean = own.reduce(0, +) / Double(own.count)
        let squares = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        total += (squares / Double(own.count)).squareRoot()
      }
    }
    return total
  }
}
