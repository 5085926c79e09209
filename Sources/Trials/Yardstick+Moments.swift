import Glibc
import Operators
import Replay
import Runs

// The best constant prediction told by the moments of all rows, where `Yardstick` itself reads some.
extension Yardstick {
  /// What the best constant prediction loses on some data.
  ///
  /// - Returns: nil when a loss is none of those for which that is known.
  public static func constantLoss(
    _ run: Run, _ data: DataVitals, _ weights: Weights
  ) -> Double? {
    var constant = 0.0
    for term in run.losses {
      let held = term.weights.flatMap { tensor in run.graph.parameter(at: tensor) }
      guard let value = constantLoss(term, data, held.map { Array(weights.values(of: $0)) } ?? [])
      else { return nil }
      constant += term.weight * value * reduction(term, run)
    }
    return constant
  }

  /// The same where it is known exactly, and not by a rule of thumb; else nil.
  public static func exactConstantLoss(
    _ run: Run, _ data: DataVitals, _ weights: Weights
  ) -> Double? {
    let isKnown = run.losses.allSatisfy { term in
      let targets = type(of: term.loss).info.targets
      return term.sampleWeight == nil && term.mean && term.loss.constants.smoothing == 0
        && (term.kind == "mse" || targets == .classes || targets == .probabilities)
    }
    return isKnown ? constantLoss(run, data, weights) : nil
  }

  /// Terms a batch under reduction "sum", to which a loss a term is multiplied.
  private static func reduction(_ term: Run.LossTerm, _ run: Run) -> Double {
    guard !term.mean else { return 1 }
    let row = run.data[term.target]?.rowLength ?? 1
    let isPerClass = type(of: term.loss).info.targets == .classes
    return Double(run.nominalBatch * (isPerClass ? 1 : row))
  }

  /// What the best constant prediction loses per term; nil when the loss is none of those known.
  ///
  /// - Parameter weights: of the classes, or of the positive event of each column; empty without any.
  private static func constantLoss(
    _ term: Run.LossTerm, _ data: DataVitals, _ weights: [Float]
  ) -> Double? {
    guard let vitals = data.arrays[term.target], vitals.columns.units > 0 else { return nil }
    let columns = vitals.columns
    let units = Double(columns.units)
    let variance = (0..<columns.units).reduce(0.0) { $0 + columns.variance($1) } / units
    switch (term.kind, type(of: term.loss).info.targets) {
    case ("mse", _): return variance
    case ("l1", _), ("log-cosh", _): return 0.7 * variance.squareRoot()
    case ("huber", _), ("smooth-l1", _): return min(variance / 2, 0.7 * variance.squareRoot())
    case (_, .probabilities):
      return columns.mean.enumerated().reduce(0.0) { sum, column in
        let weight = Self.weight(weights, weights.count == 1 ? 0 : column.offset)
        let (yes, no) = (weight * column.element, 1 - column.element)
        return sum + (yes + no) * entropy([yes / (yes + no), no / (yes + no)])
      } / units
    case (_, .classes):
      if let labels = vitals.labels {
        let ignored = term.loss.constants.ignoredClass.map { Float($0) }
        return weightedEntropy(
          labels.keys.sorted().filter { $0 != ignored }.map {
            (Double(labels[$0] ?? 0), Self.weight(weights, Int(exactly: $0) ?? 0))
          })
      }
      guard vitals.shape.count == 2, vitals.hasColumns else { return nil }
      return weightedEntropy(
        columns.mean.enumerated().map { ($0.element, Self.weight(weights, $0.offset)) })
    default: return nil
    }
  }

  private static func weight(_ weights: [Float], _ index: Int) -> Double {
    weights.indices.contains(index) ? Double(weights[index]) : 1
  }

  /// The mean loss of the best distribution, where a mean divides by the weights.
  private static func weightedEntropy(_ classes: [(count: Double, weight: Double)]) -> Double {
    let weighed = classes.map { $0.count * $0.weight }
    let total = weighed.reduce(0, +)
    return total > 0 ? entropy(weighed.map { $0 / total }) : 0
  }

  private static func entropy(_ shares: [Double]) -> Double {
    shares.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
  }
}
