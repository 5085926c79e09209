import Npy
import Operators
import Replay
import Runs

/// How well a network does its task, whatever loss it is trained with: the share of the variance that it
/// explains, or balanced accuracy. Two trainings with different losses are compared by it.
struct TaskScore: Sendable {
  /// What a score is.
  enum Kind: Sendable { case variance, accuracy }

  /// What the targets of a loss are.
  private enum Task: Sendable {
    /// Class indices; so many classes.
    case indices(Int)
    /// One column per class.
    case oneHot
    /// Columns of two values each.
    case events(low: Float, high: Float)
    case values
  }

  private struct Term: Sendable {
    let task: Task
    /// Values of a row of the target.
    let width: Int
    /// The targets of the rows to judge by.
    let targets: [Float]
    /// By row to judge by: whether it counts.
    let counts: [Bool]
    /// Labels that do not count.
    let ignored: Int?
  }

  private let terms: [Term]
  /// What it is.
  let kind: Kind

  /// Columns of values that are judged one by one; of more, all together are.
  private static let columnLimit = 16
  /// A value as many times farther from the median than the middle half reaches is an outlier.
  static let far: Float = 20

  /// - Returns: nil where the targets tell no task, or none of the run's losses has any.
  init?(_ data: TrialData, _ plan: Plan) throws(RunError) {
    let run = data.run
    guard !run.losses.isEmpty else { return nil }
    var terms: [Term] = []
    for term in run.losses {
      guard let array = run.data[term.target], plan.rows > 0 else { return nil }
      let shape = plan.operands[term.prediction].shape
      let (width, length) = (array.rowLength, shape.count / plan.rows)
      let block = try FloatBlock(reading: array)
      let all = Array(block.buffer)
      let range = (data.judged.lowerBound * width)..<(data.judged.upperBound * width)
      let targets = Array(all[range])
      let task: Task
      let kind = type(of: term.loss).info.targets
      let whole = kind == .unknown && all.allSatisfy { $0 == $0.rounded() }
      if kind == .classes || whole, width != length {
        guard shape.rank > 1, shape[1] * width == length else { return nil }
        task = .indices(shape[1])
      } else if width == length {
        task = Self.task(all, width)
      } else {
        return nil
      }
      var counts = [Bool](repeating: true, count: data.judged.count)
      if case .values = task {
        let bounds = Self.bounds(all, width)
        for row in counts.indices {
          counts[row] = (0..<width).allSatisfy {
            bounds[bounds.count == 1 ? 0 : $0].contains(targets[row * width + $0])
          }
        }
        // Where many are far away, none is an outlier.
        if counts.count(where: { !$0 }) > counts.count / 20 {
          counts = counts.map { _ in true }
        }
      }
      terms.append(
        Term(
          task: task, width: width, targets: targets, counts: counts,
          ignored: term.loss.constants.ignoredClass))
    }
    self.terms = terms
    kind = if case .values = terms[0].task { .variance } else { .accuracy }
  }

  private static func task(_ values: [Float], _ width: Int) -> Task {
    let low = values.min() ?? 0
    let high = values.max() ?? 0
    guard low < high, values.allSatisfy({ $0 == low || $0 == high }) else { return .values }
    guard (low, high) == (0, 1) || (low, high) == (-1, 1) else { return .values }
    let isOneHot =
      width > 1
      && stride(from: 0, to: values.count, by: width).allSatisfy { row in
        values[row..<(row + width)].count { $0 == high } == 1
      }
    return isOneHot ? .oneHot : .events(low: low, high: high)
  }

  /// By column, or for all together where there are many: what is no outlier.
  static func bounds(_ values: [Float], _ width: Int) -> [ClosedRange<Float>] {
    let columns = width <= columnLimit ? max(1, width) : 1
    return (0..<columns).map { column in
      let own = stride(from: column, to: values.count, by: columns).map { values[$0] }.sorted()
      guard own.count > 3 else { return -.infinity ... .infinity }
      let (low, middle, high) = (own[own.count / 4], own[own.count / 2], own[own.count * 3 / 4])
      guard high > low else { return -.infinity ... .infinity }
      return (middle - far * (high - low))...(middle + far * (high - low))
    }
  }

  /// The score of a stepper on the rows to judge by, at most 1; −1, or that of chance, where predictions
  /// are not finite.
  ///
  /// - Parameter scales: by target that was standardized, mean and factor of each column.
  func score(
    _ stepper: Stepper, _ data: TrialData, _ scales: [String: Scales]
  ) throws(RunError) -> Double {
    var predictions = stepper.run.losses.map { _ in [Float]() }
    for chunk in data.chunks {
      _ = try stepper.dataLoss(chunk)
      for (index, term) in stepper.run.losses.enumerated() {
        predictions[index] += stepper.value(of: term.prediction)
      }
    }
    var total = 0.0
    for (index, term) in terms.enumerated() {
      let loss = stepper.run.losses[index]
      var own = predictions[index]
      if let scales = scales[loss.target] { scales.restore(&own) }
      total += Self.score(term, own, loss.loss.head)
    }
    return total / Double(terms.count)
  }

  private static func score(_ term: Term, _ own: [Float], _ head: LossInfo.Head) -> Double {
    switch term.task {
    case .values: variance(term, own)
    case .events(let low, let high):
      mean(
        (0..<term.width).compactMap { column in
          let threshold =
            switch head {
            case .logits: Float(0)
            case .logProbabilities: Float(-0.693)
            case .probabilities: Float(0.5)
            case .values, .unknown: (low + high) / 2
            }
          return accuracy(
            stride(from: column, to: term.targets.count, by: term.width).map { place in
              (term.targets[place] == high ? 1 : 0, own[place] > threshold ? 1 : 0)
            })
        })
    case .oneHot:
      accuracy(
        stride(from: 0, to: term.targets.count, by: term.width).map { row in
          (
            largest(term.targets, row, 1, term.width), largest(own, row, 1, term.width)
          )
        }) ?? 0
    case .indices(let classes):
      accuracy(
        term.targets.indices.compactMap { place in
          let label = term.targets[place]
          guard label >= 0, label < Float(classes), Int(label) != term.ignored else { return nil }
          let (row, position) = (place / term.width, place % term.width)
          return (
            Int(label), largest(own, row * classes * term.width + position, term.width, classes)
          )
        }) ?? 0
    }
  }

  private static func largest(_ values: [Float], _ start: Int, _ step: Int, _ count: Int) -> Int {
    var best = 0
    for index in 1..<max(1, count) where values[start + index * step] > values[start + best * step]
    {
      best = index
    }
    // No class is the largest of what is no number.
    return values[start + best * step].isFinite ? best : -1
  }

  /// The mean share of each class that is told right; nil with fewer than two classes.
  private static func accuracy(_ pairs: [(label: Int, told: Int)]) -> Double? {
    var counts: [Int: (all: Int, right: Int)] = [:]
    for pair in pairs {
      counts[pair.label, default: (0, 0)].all += 1
      if pair.label == pair.told { counts[pair.label, default: (0, 0)].right += 1 }
    }
    guard counts.count > 1 else { return nil }
    let shares = counts.sorted { $0.key < $1.key }.map {
      Double($0.value.right) / Double($0.value.all)
    }
    return mean(shares)
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The share of the variance that is explained, at least −1, over columns that vary.
  private static func variance(_ term: Term, _ own: [Float]) -> Double {
    let columns = term.width <= columnLimit ? max(1, term.width) : 1
    let rows = term.counts.indices.filter { term.counts[$0] }
    var shares: [Double] = []
    for column in 0..<columns {
      let places = rows.flatMap { row in
        stride(from: row * term.width + column, to: (row + 1) * term.width, by: columns)
      }
      let average = mean(places.map { Double(term.targets[$0]) })
      var (left, all) = (0.0, 0.0)
      for place in places {
        let (target, told) = (Double(term.targets[place]), Double(own[place]))
        all += (target - average) * (target - average)
        left += (target - told) * (target - told)
      }
      guard all > 0 else { continue }
      shares.append(left.isFinite ? max(-1, 1 - left / all) : -1)
    }
    return mean(shares)
  }

  /// 0 for what knows nothing, 1 for a perfect score.
  func skill(_ score: Double) -> Double {
    switch kind {
    case .variance: max(0, score)
    case .accuracy: max(0, (score - chance) / (1 - chance))
    }
  }

  /// The standard error of a skill on so many rows: that of a share for accuracies, and of a variance, with
  /// normal residuals, for shares of it.
  func error(_ rows: Int) -> (Double) -> Double {
    let (kind, chance, rows) = (kind, chance, Double(max(1, rows)))
    return { skill in
      switch kind {
      case .variance: (1 - skill) * (2 / rows).squareRoot()
      case .accuracy:
        // One row counts for a perfect score: what no row has shown may still be.
        {
          let right = chance + skill * (1 - chance)
          return (max(right * (1 - right), 1 / rows) / rows).squareRoot() / (1 - chance)
        }()
      }
    }
  }

  /// What is told right by chance.
  private var chance: Double {
    let each: [Double] = terms.map { term in
      switch term.task {
      case .values: 0
      case .events: 0.5
      case .oneHot: 1 / Double(max(2, term.width))
      case .indices:
        1 / Double(max(2, Set(term.targets.filter { $0 >= 0 }).count))
      }
    }
    return min(0.5, Self.mean(each))
  }
}

/// Mean and factor of every column of an array that was standardized; of one for all together.
struct Scales: Sendable {
  let columns: [(mean: Double, factor: Double)]

  /// Takes the standardization back.
  func restore(_ values: inout [Float]) {
    for i in values.indices {
      let scale = columns[columns.count == 1 ? 0 : i % columns.count]
      values[i] = Float(
        scale.factor > 0 ? Double(values[i]) / scale.factor + scale.mean : scale.mean)
    }
  }

  /// Standardizes.
  func apply(_ values: UnsafeMutableBufferPointer<Float>) {
    for i in values.indices {
      let scale = columns[columns.count == 1 ? 0 : i % columns.count]
      values[i] = Float((Double(values[i]) - scale.mean) * scale.factor)
    }
  }
}
