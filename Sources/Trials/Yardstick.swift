import Glibc
import Npy
import Operators
import Replay
import Runs
import Tensors

/// The two losses between which a predictor that learns anything lies: that of the best constant
/// prediction, and that of the targets themselves.
public struct Yardstick: Sendable {
  /// The loss of the best constant prediction.
  public let constant: Double
  /// The loss of a perfect prediction: 0 for squared errors, less for some likelihoods.
  public let perfect: Double

  /// 0 for a perfect prediction and 1 for the best constant one; infinite when it is not finite.
  public func relative(_ loss: Double) -> Double {
    loss.isFinite ? max(0, (loss - perfect) / (constant - perfect)) : .infinity
  }

  /// The loss that a relative one stands for.
  public func loss(_ relative: Double) -> Double { perfect + relative * (constant - perfect) }

  /// Tries the statistics that are optimal for the losses there are: mean and median, and for
  /// probabilities their logarithm, log-odds and sign.
  ///
  /// - Returns: nil when the targets are constant, or a loss is of a kind that is not known that way.
  /// - Throws: `RunError` when the run cannot be replayed.
  init?(_ stepper: Stepper, _ data: TrialData) throws(RunError) {
    let run = stepper.run
    guard !run.losses.isEmpty, run.losses.allSatisfy({ $0.second == nil }) else { return nil }
    var (constant, perfect) = (0.0, 0.0)
    let rows = data.judged
    let searches = try Self.searches(stepper, data)
    if searches.values.contains(where: \.isEndless) { return nil }
    for chunk in data.chunks {
      let share = Double(chunk.count) / Double(rows.count)
      var best = [Double](repeating: .infinity, count: run.losses.count)
      var ideal = best
      var start: [Int: [Float]] = [:]
      for statistic in Statistic.allCases {
        var (flat, own): ([[Float]], [[Float]]) = ([], [])
        for term in run.losses {
          let shape = try stepper.predictionShape(term, rows: chunk.count)
          guard let table = try Table(term, run, stepper.weights, shape, chunk.count) else {
            return nil
          }
          let reach = PredictionReach(term, run.graph, shape.dims)
          let value = reach.within(table.constant(statistic, rows: 0..<data.trained))
          flat.append((0..<chunk.count).flatMap { _ in value })
          own.append(reach.within(table.own(statistic, rows: chunk)))
        }
        for (index, loss) in try stepper.loss(chunk, predicting: flat).enumerated() {
          if loss.isFinite, statistic.suits(run.losses[index].loss) {
            best[index] = min(best[index], loss)
          }
        }
        for (index, loss) in try stepper.loss(chunk, predicting: own).enumerated() {
          if loss.isFinite, statistic.suits(run.losses[index].loss), loss < ideal[index] {
            (ideal[index], start[index]) = (loss, own[index])
          }
        }
      }
      for (index, search) in searches {
        guard let length = search.constant?.count else { continue }
        let flat = (0..<chunk.count * length).map { search.constant?[$0 % length] ?? 0 }
        let held = try stepper.slope(chunk, of: index, predicting: flat).loss
        if held.isFinite { best[index] = min(best[index], held) }
        let own = start[index].flatMap { $0.isEmpty ? nil : $0 } ?? flat
        ideal[index] = min(ideal[index], try search.lowest(chunk, from: own))
      }
      for (index, term) in run.losses.enumerated() {
        constant += share * term.weight * best[index]
        perfect += share * term.weight * min(ideal[index], best[index])
      }
    }
    guard constant.isFinite, perfect.isFinite, constant - perfect > 1e-9 * abs(constant) else {
      return nil
    }
    self.constant = constant
    self.perfect = perfect
  }

  /// By loss of which nobody says what it wants: a search for the predictions that cost least.
  private static func searches(
    _ stepper: Stepper, _ data: TrialData
  ) throws(RunError) -> [Int: PredictionSearch] {
    var result: [Int: PredictionSearch] = [:]
    for (index, term) in stepper.run.losses.enumerated() where term.loss.head == .unknown {
      result[index] = try PredictionSearch(stepper, index, data)
    }
    return result
  }

  /// What of the targets is predicted.
  enum Statistic: CaseIterable {
    case mean, median, log, logit, sign

    /// Whether a model could predict it under a loss: no probability is above 1, and those of classes
    /// sum to 1, as do the exponentials of their logarithms.
    func suits(_ loss: some Loss) -> Bool {
      switch loss.head {
      case .probabilities:
        self == .mean || self == .median && type(of: loss).info.targets == .probabilities
      case .logProbabilities: self == .log
      case .values, .logits, .unknown: true
      }
    }

    func map(_ value: Double) -> Double {
      switch self {
      case .mean, .median: value
      case .log: Glibc.log(max(value, 1e-12))
      case .logit: Glibc.log(max(value, 1e-12)) - Glibc.log(max(1 - value, 1e-12))
      case .sign: value > 0.5 ? 1 : -1
      }
    }
  }

  /// The targets of a loss, and how they lie in a row of its prediction.
  private struct Table {
    private let width: Int
    private let length: Int
    /// Classes when targets are their indices.
    private let classes: Int?
    private let values: [Float]
    /// What each sample weighs; empty where all weigh the same.
    private let samples: [Float]
    /// What each class, or each positive event, weighs; empty where all weigh the same.
    private let weights: [Float]
    private let reading: LossConstants
    private let isEvent: Bool

    init?(
      _ term: Run.LossTerm, _ run: Run, _ held: Weights, _ prediction: Shape, _ rows: Int
    ) throws(RunError) {
      guard let target = run.data[term.target], rows > 0 else { return nil }
      width = target.rowLength
      length = prediction.count / rows
      let sizes = prediction.dims
      let info = type(of: term.loss).info
      let read = try bridging(target.floats())
      let counted = sizes.count > 1 && width != length && sizes[1] * width == length
      // Where nobody says what targets are, whole numbers below the number of scores are classes.
      let indices =
        info.targets == .classes
        || info.targets == .unknown && counted
          && read.allSatisfy { $0 >= 0 && $0 < Float(sizes[1]) && $0 == $0.rounded() }
      classes = indices && counted ? sizes[1] : nil
      reading = term.loss.constants
      isEvent = info.targets == .probabilities
      values = reading.logarithms ? read.map { Glibc.exp($0) } : read
      let weighing = term.sampleWeight.flatMap { run.data[$0] }
      samples = try bridging(weighing?.floats()) ?? []
      weights = term.weights.flatMap { held.tensors[$0] }.map { Array($0.buffer) } ?? []
    }

    private func weight(_ row: Int) -> Double {
      samples.indices.contains(row) ? Double(samples[row]) : 1
    }

    /// The weight of an entry of a row, which may be one for all.
    private func weight(class index: Int) -> Double {
      guard !weights.isEmpty else { return 1 }
      return Double(weights[weights.count == 1 ? 0 : index % weights.count])
    }

    /// One row of the constant prediction.
    func constant(_ statistic: Statistic, rows: Range<Int>) -> [Float] {
      if let classes {
        var counts = [Double](repeating: 0, count: classes)
        for row in rows {
          for value in values[(row * width)..<((row + 1) * width)]
          where value >= 0 && value < Float(classes) && Int(value) != reading.ignoredClass {
            counts[Int(value)] += weight(row)
          }
        }
        let shares = best(counts)
        return (0..<length).map { Float(statistic.map(shares[$0 / max(1, width)])) }
      }
      let columns = (0..<width).map { column in
        let all = rows.map { Double(values[$0 * width + column]) }
        if statistic == .median { return all.isEmpty ? 0 : all.sorted()[all.count / 2] }
        let total = rows.reduce(0) { $0 + weight($1) }
        let sum = zip(rows, all).reduce(0) { $0 + weight($1.0) * $1.1 }
        return statistic.map(event(sum / (total > 0 ? total : 1), column))
      }
      guard width != length else { return columns.map(Float.init) }
      let mean = columns.reduce(0, +) / Double(max(1, columns.count))
      return [Float](repeating: Float(mean), count: length)
    }

    /// The distribution over classes that costs least: their shares after smoothing, by weight.
    private func best(_ counts: [Double]) -> [Double] {
      let total = max(counts.reduce(0, +), .leastNormalMagnitude)
      let spread = reading.smoothing / Double(max(1, counts.count))
      let weighed = counts.indices.map {
        weight(class: $0) * ((1 - reading.smoothing) * counts[$0] / total + spread)
      }
      let sum = max(weighed.reduce(0, +), .leastNormalMagnitude)
      return weighed.map { $0 / sum }
    }

    /// The probability that costs least where a share of a column's events happens, whose weight may
    /// be another than that of the rest.
    private func event(_ share: Double, _ column: Int) -> Double {
      guard isEvent, share >= 0, share <= 1 else { return share }
      let smoothed = (1 - reading.smoothing) * share + reading.smoothing / 2
      let weighed = weight(class: column) * smoothed
      return weighed + 1 - smoothed > 0 ? weighed / (weighed + 1 - smoothed) : smoothed
    }

    /// The targets themselves as a prediction.
    func own(_ statistic: Statistic, rows: Range<Int>) -> [Float] {
      if let classes {
        var result: [Float] = []
        for row in rows {
          for index in 0..<length {
            let label = values[row * width + index % max(1, width)]
            let hit = Float(index / max(1, width)) == label && classes > 0
            result.append(Float(statistic.map(hit ? 1 : 0)))
          }
        }
        return result
      }
      guard width == length else { return [] }
      return values[(rows.lowerBound * width)..<(rows.upperBound * width)].map {
        Float(statistic.map(Double($0)))
      }
    }
  }
}
