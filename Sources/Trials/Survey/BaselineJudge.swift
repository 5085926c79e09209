import Operators
import Replay
import Runs

/// Scores a network, and what simple predictors say, on parts of the rows of one run.
struct BaselineJudge {
  let score: BaselineMatch.Score
  private let stepper: Stepper
  private let term: Run.LossTerm
  private let targets: SampleTable.Targets
  /// By column of the table, the class; empty where columns are no classes.
  private let classes: [Int]

  /// - Returns: nil for targets that simple predictors do not give.
  /// - Throws: `RunError` when the run cannot be replayed.
  init?(
    _ run: Run, _ term: Run.LossTerm, _ weights: Weights, _ targets: SampleTable.Targets,
    _ progress: Progress
  ) throws(RunError) {
    guard let array = run.data[term.target] else { return nil }
    let length = try Self.length(run, term)
    switch type(of: term.loss).info.targets {
    case .values:
      guard length == targets.columns else { return nil }
      (score, classes) = (.loss, [])
    case .classes:
      score = .errors
      guard array.rowLength == 1 else {
        // One probability per class.
        guard array.rowLength == length, targets.columns == length else { return nil }
        classes = Array(0..<length)
        break
      }
      let labels = Set(try bridging(array.floats())).sorted()
      guard labels.count == targets.columns,
        labels.allSatisfy({ $0 >= 0 && $0 < Float(length) && $0 == $0.rounded() })
      else { return nil }
      classes = labels.map { Int($0) }
    case .probabilities, .signs:
      guard length == targets.columns else { return nil }
      (score, classes) = (.errors, [])
    case .counts, .distributions, .unknown: return nil
    }
    self.term = term
    self.targets = targets
    stepper = try Stepper(run, from: weights, progress: progress)
  }

  /// Values of a row of the prediction.
  private static func length(_ run: Run, _ term: Run.LossTerm) throws(RunError) -> Int {
    try Plan(run, rows: 1).operands[term.prediction].shape.count
  }

  /// What the network scores on some rows.
  func network(_ part: Range<Int>) throws(RunError) -> Double {
    let loss = try stepper.dataLoss(part)
    guard score == .errors else { return loss }
    return errors(part, Array(stepper.value(of: term.prediction)), isNetwork: true)
  }

  /// What a predictor scores that gives the same for all rows.
  func constant(_ part: Range<Int>, _ value: [Double]) throws(RunError) -> Double {
    let row = value.map { Float($0) }
    return try score(part, part.flatMap { _ in row })
  }

  /// What predictions in the columns of the table score.
  func score(_ part: Range<Int>, _ values: [Float]) throws(RunError) -> Double {
    guard score == .loss else { return errors(part, values, isNetwork: false) }
    return try stepper.loss(part, predicting: [values]).first.map { $0 * term.weight } ?? .infinity
  }

  private func errors(_ part: Range<Int>, _ values: [Float], isNetwork: Bool) -> Double {
    guard !part.isEmpty else { return 0 }
    return classes.isEmpty
      ? events(part, values, isNetwork: isNetwork) : labels(part, values, isNetwork: isNetwork)
  }

  /// The share of rows with the wrong one of several labels.
  private func labels(_ part: Range<Int>, _ values: [Float], isNetwork: Bool) -> Double {
    let width = values.count / part.count
    var wrong = 0
    for (index, row) in part.enumerated() {
      let truth = classes[Self.largest(targets.values, row * targets.columns, targets.columns)]
      let found = Self.largest(values, index * width, width)
      if (isNetwork ? found : classes[found]) != truth { wrong += 1 }
    }
    return Double(wrong) / Double(part.count)
  }

  /// The share of events told wrong: of each it is said on which side of the middle it lies.
  private func events(_ part: Range<Int>, _ values: [Float], isNetwork: Bool) -> Double {
    let info = type(of: term.loss).info
    let middle: Float = info.targets == .signs && targets.values.contains(-1) ? 0 : 0.5
    let limit = isNetwork ? (info.head == .logits ? 0 : 0.5) : middle
    var wrong = 0
    for (index, value) in values.enumerated() {
      let truth = targets.values[part.lowerBound * targets.columns + index] > middle
      if (value > limit) != truth { wrong += 1 }
    }
    return Double(wrong) / Double(max(1, values.count))
  }

  private static func largest(_ values: [Float], _ start: Int, _ count: Int) -> Int {
    var best = 0
    for index in 0..<count where values[start + index] > values[start + best] { best = index }
    return best
  }
}
