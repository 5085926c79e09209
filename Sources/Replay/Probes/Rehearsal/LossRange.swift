import Glibc
import Npy
import Operators
import Tensors

/// The two losses between which a predictor that learns anything lies: that of the best constant
/// prediction, and that of the targets themselves.
public struct LossRange: Sendable {
  /// The loss of the best constant prediction.
  public let constant: Double
  /// The loss of a perfect prediction: 0 for squared errors, less for some likelihoods.
  public let perfect: Double

  /// 0 for a perfect prediction and 1 for the best constant one; infinite when it is not finite.
  public func relative(_ loss: Double) -> Double {
    loss.isFinite ? max(0, (loss - perfect) / (constant - perfect)) : .infinity
  }

  /// Tries the statistics that are optimal for the losses there are: mean and median, and for
  /// probabilities their logarithm, log-odds and sign.
  ///
  /// - Returns: nil when the targets are constant, or a loss is of a kind that is not known that way.
  /// - Throws: `ReplayError` when the run cannot be replayed.
  init?(_ stepper: Stepper, _ stage: Stage) throws(ReplayError) {
    let run = stepper.run
    guard !run.losses.isEmpty, run.losses.allSatisfy({ $0.second == nil }) else { return nil }
    var (constant, perfect) = (0.0, 0.0)
    let rows = stage.judged
    for chunk in stage.chunks {
      let share = Double(chunk.count) / Double(rows.count)
      var best = [Double](repeating: .infinity, count: run.losses.count)
      var ideal = best
      for statistic in Statistic.allCases {
        var (flat, own): ([[Float]], [[Float]]) = ([], [])
        for term in run.losses {
          let shape = try stepper.predictionShape(term, rows: chunk.count)
          guard let table = try Table(term, run, shape, chunk.count) else { return nil }
          let value = table.constant(statistic, rows: 0..<stage.trained, of: try table.read(run))
          flat.append((0..<chunk.count).flatMap { _ in value })
          own.append(table.own(statistic, try table.read(run), rows: chunk))
        }
        for (index, loss) in try stepper.loss(chunk, predicting: flat).enumerated() {
          if loss.isFinite, statistic.suits(run.losses[index].loss) {
            best[index] = min(best[index], loss)
          }
        }
        for (index, loss) in try stepper.loss(chunk, predicting: own).enumerated() {
          if loss.isFinite, statistic.suits(run.losses[index].loss) {
            ideal[index] = min(ideal[index], loss)
          }
        }
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

  /// What of the targets is predicted.
  enum Statistic: CaseIterable {
    case mean, median, log, logit, sign

    /// Whether a model could predict it under a loss: no probability is above 1.
    func suits(_ loss: some Loss) -> Bool {
      type(of: loss).info.head != .probabilities || self == .mean || self == .median
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

  /// How the targets of a loss lie in a row of its prediction.
  private struct Table {
    let name: String
    let width: Int
    let length: Int
    /// Classes when targets are their indices.
    let classes: Int?

    init?(_ term: Run.LossTerm, _ run: Run, _ prediction: Shape, _ rows: Int) throws(ReplayError) {
      guard let target = run.data[term.target], rows > 0 else { return nil }
      name = term.target
      width = target.rowLength
      length = prediction.count / rows
      let sizes = prediction.dims
      let indices =
        type(of: term.loss).info.targets == .classes && sizes.count > 1 && width != length
        && sizes[1] * width == length
      classes = indices ? sizes[1] : nil
    }

    func read(_ run: Run) throws(ReplayError) -> [Float] {
      guard let array = run.data[name] else { return [] }
      var values = [Float](repeating: 0, count: array.count)
      var failure: NpyError?
      values.withUnsafeMutableBufferPointer { buffer in
        do throws(NpyError) { try array.read(rows: 0..<array.rows, into: buffer) } catch {
          failure = error
        }
      }
      if let failure { throw .npy(failure) }
      return values
    }

    /// One row of the constant prediction.
    func constant(_ statistic: Statistic, rows: Range<Int>, of values: [Float]) -> [Float] {
      if let classes {
        var counts = [Double](repeating: 0, count: classes)
        for value in values[(rows.lowerBound * width)..<(rows.upperBound * width)]
        where value >= 0 && value < Float(classes) { counts[Int(value)] += 1 }
        let total = max(1, counts.reduce(0, +))
        return (0..<length).map { Float(statistic.map(counts[$0 / max(1, width)] / total)) }
      }
      let columns = (0..<width).map { column in
        let all = rows.map { Double(values[$0 * width + column]) }
        if statistic == .median { return all.sorted()[all.count / 2] }
        return statistic.map(all.reduce(0, +) / Double(max(1, all.count)))
      }
      guard width != length else { return columns.map(Float.init) }
      let mean = columns.reduce(0, +) / Double(max(1, columns.count))
      return [Float](repeating: Float(mean), count: length)
    }

    /// The targets themselves as a prediction.
    func own(_ statistic: Statistic, _ values: [Float], rows: Range<Int>) -> [Float] {
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
