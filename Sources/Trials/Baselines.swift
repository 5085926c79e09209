import Runs

/// How well simple predictors do on the inputs of a run: what any network should beat, and whether
/// there is anything to learn at all.
public struct Baselines: Sendable {
  /// Samples that were used.
  public let samples: Int
  /// Columns of the features.
  public let width: Int
  /// Columns of the targets; class labels have one column per class.
  public let columns: Int
  /// By predictor: leave-one-out R², the share of the targets' variance that it explains.
  public let scores: [(name: String, score: Double)]
  /// The share of random permutations of the targets for which the best predictor does as well.
  public let pValue: Double

  /// The best leave-one-out R²; 0 when even the constant predictor is better.
  public var best: Double { max(0, scores.map(\.score).max() ?? 0) }

  /// Ridge penalties, relative to the number of samples.
  static let penalties = [1e-3, 1e-1]

  /// Scores of ridge regression and nearest neighbours.
  ///
  /// - Parameters:
  ///   - features: samples × width, standardized.
  ///   - targets: samples × columns.
  ///   - near: the five nearest neighbours, if they are known.
  ///   - permutations: how many for the p-value, by the largest score over all predictors.
  /// - Returns: nil when there are fewer than four samples, or the targets are constant.
  public init?(
    features: [Float], width: Int, targets: [Float], columns: Int, samples: Int,
    near: Smoother? = nil, permutations: Int = 99
  ) {
    guard samples >= 4, width > 0 else { return nil }
    var smoothers = Self.penalties.compactMap {
      Smoother.ridge(features, samples: samples, width: width, penalty: $0)
    }
    let few = samples <= 20
    let known =
      (few ? nil : near)
      ?? Smoother.neighbours(features, samples: samples, width: width, k: few ? 1 : 5)
    if let known { smoothers.append(known) }
    // Group 0 is the targets as they are, each further one a permutation of the samples.
    let groups = permutations + 1
    var shuffled = [Float](repeating: 0, count: samples * columns * groups)
    var random = FixedRandom(seed: 11)
    for group in 0..<groups {
      let order = group == 0 ? Array(0..<samples) : random.permutation(samples)
      for row in 0..<samples {
        for column in 0..<columns {
          shuffled[(row * groups + group) * columns + column] =
            targets[order[row] * columns + column]
        }
      }
    }
    var scores: [(name: String, score: Double)] = []
    var largest = [Double](repeating: -.infinity, count: groups)
    for smoother in smoothers {
      guard let found = smoother.scores(shuffled, columns: columns, groups: groups) else {
        return nil
      }
      scores.append((smoother.name, found[0]))
      for group in 0..<groups { largest[group] = max(largest[group], found[group]) }
    }
    guard !scores.isEmpty else { return nil }
    let asGood = largest.dropFirst().filter { $0 >= largest[0] }.count
    self.samples = samples
    self.width = width
    self.columns = columns
    self.scores = scores
    pValue = Double(asGood + 1) / Double(permutations + 1)
  }
}
