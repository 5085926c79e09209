import Npy
import Runs

/// The rows of a match: those to learn from first where there is validation data, else one shuffled
/// set of which each part is judged in turn.
struct BaselineSplit {
  let run: Run
  let judged: Range<Int>
  let isOnValidation: Bool

  init(_ given: Run) throws(RunError) {
    // A network is judged as it is used.
    let whole = try given.evaluating()
    let limit = try whole.affordable(BaselineMatch.limit)
    let training = try whole.subsample(limit)
    let isComplete = whole.data.keys.allSatisfy {
      whole.validation[$0]?.rowLength == whole.data[$0]?.rowLength
    }
    guard isComplete, let held = try whole.onValidation?.subsample(limit),
      held.samples >= BaselineMatch.fewest
    else {
      var random = FixedRandom(seed: 17)
      run = try training.selecting(random.permutation(training.samples))
      judged = 0..<training.samples
      isOnValidation = false
      return
    }
    var random = FixedRandom(seed: 19)
    let shuffled = try held.selecting(random.permutation(held.samples))
    var values: [String: NpyArray] = [:]
    for (name, array) in training.data {
      guard let more = shuffled.data[name] else { continue }
      let block = FloatBlock(array.count + more.count)
      let (first, second) = (try FloatBlock(reading: array), try FloatBlock(reading: more))
      for (index, value) in first.buffer.enumerated() { block.buffer[index] = value }
      for (index, value) in second.buffer.enumerated() {
        block.buffer[array.count + index] = value
      }
      values[name] = try block.array(
        [array.rows + more.rows] + array.shape.dropFirst(), name: array.file)
    }
    run = training.replacingData(values, rows: training.samples + shuffled.samples)
    judged = training.samples..<(training.samples + shuffled.samples)
    isOnValidation = true
  }

  /// Even parts of the rows that are judged.
  func parts(_ count: Int) -> [Range<Int>] {
    (0..<count).map { part in
      let start = judged.lowerBound + part * judged.count / count
      return start..<(judged.lowerBound + (part + 1) * judged.count / count)
    }
  }

  /// The rows to learn from where a part is judged.
  func known(outside part: Range<Int>) -> [Int] {
    isOnValidation
      ? Array(0..<judged.lowerBound) : (0..<run.samples).filter { !part.contains($0) }
  }
}
