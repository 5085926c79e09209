import Operators
import Replay
import Runs

/// A trained network and predictors that need no network, on the same rows: those of the validation
/// data, or else rows that the network was trained on and the simple predictors were not.
public struct BaselineMatch: Sendable {
  /// By what both are judged.
  public enum Score: Sendable {
    /// The run's own loss: less is better.
    case loss
    /// The share of wrong labels: less is better.
    case errors
  }

  /// By what both are judged.
  public let score: Score
  /// Whether they are judged on the validation data.
  public let isOnValidation: Bool
  /// Rows that both are judged on.
  public let rows: Int
  /// The best simple predictor.
  public let predictor: String
  /// What the network scores, over all parts.
  public let network: Double
  /// What the simple predictor does.
  public let simple: Double
  /// What the best constant prediction does.
  public let constant: Double
  /// Parts of the rows, each predicted from rows outside of it.
  public let parts: Int
  /// Parts in which the simple predictor does better than the network.
  public let won: Int

  /// The most rows that simple predictors learn from, and the most of the validation data.
  static let limit = 512
  /// The most features; more are images and sequences, for which these predictors are none.
  static let widthLimit = 1024
  /// The most columns of the targets.
  static let columnLimit = 256
  /// The fewest rows.
  static let fewest = 50
  static let partCount = 5
}

/// Why there is no match.
public enum BaselineOutcome: Sendable {
  /// What was measured.
  case done(BaselineMatch)
  /// Why not, as a sentence without a full stop.
  case not(String)
}

extension BaselineMatch {
  /// Holds a network against simple predictors.
  ///
  /// - Throws: `RunError` when the data cannot be read, or the network not be replayed.
  public static func measure(
    _ whole: Run, _ weights: Weights, progress: Progress = Progress()
  ) throws(RunError) -> BaselineOutcome {
    guard whole.losses.count == 1, let term = whole.losses.first, term.second == nil else {
      return .not("the run has several losses, or one of two predictions")
    }
    guard type(of: term.loss).info.targets != .unknown else {
      return .not("its loss is the script's own, and nobody says what it takes its targets for")
    }
    let split = try BaselineSplit(whole)
    guard split.judged.count >= fewest else {
      return .not("\(split.judged.count) rows are too few to compare on")
    }
    if let lookup = try LabelLookup(split.run, term) {
      return .done(try match(split, lookup, term, weights, progress))
    }
    let inputs = whole.graph.inputs.filter { whole.data[whole.graph.tensors[$0]] != nil }
    guard !inputs.contains(where: { whole.graph.holdsIds($0) }) else {
      return .not("its inputs are ids, which are no numbers to regress on")
    }
    let width = inputs.reduce(0) { $0 + (whole.data[whole.graph.tensors[$1]]?.rowLength ?? 0) }
    guard width > 0, width <= widthLimit else {
      return .not("its rows have \(width) features, and simple predictors take up to \(widthLimit)")
    }
    guard let table = try SampleTable(split.run), let targets = table.targets.first.flatMap({ $0 }),
      targets.columns <= columnLimit
    else { return .not("its inputs or targets make no table of numbers") }
    guard !copies(table, targets) else {
      return .not("its targets are its inputs, and nothing that compresses beats a copy")
    }
    guard let judge = try BaselineJudge(split.run, term, weights, targets, progress) else {
      return .not("its targets are none that simple predictors give")
    }
    guard let simple = SimplePredictors(table, targets) else { return .not("a product failed") }
    return try match(split, judge, simple).map { .done($0) }
      ?? .not("no simple predictor could be fitted")
  }

  /// Whether the targets of a sample are its inputs.
  public static func copies(_ sample: DistinctSample) -> Bool {
    sample.table.targets.first.flatMap { $0 }.map { copies(sample.table, $0) } ?? false
  }

  /// Whether every column of the targets is about the same column of the inputs.
  private static func copies(_ table: SampleTable, _ targets: SampleTable.Targets) -> Bool {
    let columns = targets.columns
    guard columns > 1, columns == table.width, !targets.isClasses else { return false }
    var values = targets.values
    SampleTable.standardize(&values, columns)
    var products = [Double](repeating: 0, count: columns)
    for (index, value) in values.enumerated() {
      products[index % columns] += Double(value) * Double(table.features[index])
    }
    let varied = products.filter { $0 != 0 }
    return !varied.isEmpty
      && varied.allSatisfy { $0 >= copied * Double(table.samples) }
  }

  /// The correlation from which on a target is its input, noise apart.
  private static let copied = 0.7

  /// Holds a network that labels every position of a sequence of ids against a table of their labels.
  private static func match(
    _ split: BaselineSplit, _ lookup: LabelLookup, _ term: Run.LossTerm, _ weights: Weights,
    _ progress: Progress
  ) throws(RunError) -> BaselineMatch {
    let stepper = try Stepper(split.run, from: weights, progress: progress)
    var (network, simple, constant) = ([Double](), [Double](), [Double]())
    let parts = split.parts(partCount)
    for part in parts {
      let known = split.known(outside: part)
      _ = try stepper.dataLoss(part)
      let said = lookup.labels(of: part, scores: Array(stepper.value(of: term.prediction)))
      network.append(lookup.errors(of: part, said))
      simple.append(lookup.errors(of: part, lookup.labels(of: part, from: known)))
      constant.append(
        lookup.errors(of: part, lookup.labels(of: part, from: known, knowsIds: false)))
    }
    let mean = { (scores: [Double]) in scores.reduce(0, +) / Double(scores.count) }
    return BaselineMatch(
      score: .errors, isOnValidation: split.isOnValidation, rows: split.judged.count,
      predictor: "the most frequent label of each id", network: mean(network),
      simple: mean(simple), constant: mean(constant), parts: parts.count,
      won: zip(simple, network).filter { $0 < $1 }.count)
  }

  private static func match(
    _ split: BaselineSplit, _ judge: BaselineJudge, _ simple: SimplePredictors
  ) throws(RunError) -> BaselineMatch? {
    let count = split.judged.count
    var (network, constant) = ([Double](), [Double]())
    var rivals: [(name: String, scores: [Double])] = []
    for part in split.parts(partCount) {
      let known = split.known(outside: part)
      network.append(try judge.network(part))
      constant.append(try judge.constant(part, simple.mean(of: known)))
      let answers = simple.answers(known, asked: part)
      if rivals.isEmpty { rivals = answers.map { ($0.name, []) } }
      guard answers.count == rivals.count else { return nil }
      for (index, answer) in answers.enumerated() {
        rivals[index].scores.append(try judge.score(part, answer.values))
      }
    }
    let shares = split.parts(partCount).map { Double($0.count) / Double(count) }
    func total(_ scores: [Double]) -> Double { zip(scores, shares).reduce(0) { $0 + $1.0 * $1.1 } }
    guard let best = rivals.min(by: { total($0.scores) < total($1.scores) }),
      total(network).isFinite
    else { return nil }
    return BaselineMatch(
      score: judge.score, isOnValidation: split.isOnValidation, rows: count,
      predictor: best.name, network: total(network), simple: total(best.scores),
      constant: total(constant), parts: shares.count,
      won: zip(best.scores, network).filter { $0 < $1 }.count)
  }
}
