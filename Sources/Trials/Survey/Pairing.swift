import Replay
import Runs

/// Whether inputs and targets belong together, row by row, in the training's data and in the validation
/// data: what simple predictors tell of the ones from the others, within each of both.
public struct Pairing: Sendable {
  /// Rows of each.
  public let samples: Int
  /// Leave-one-out R² of the best simple predictor within the training's data.
  public let training: Double
  /// The same within the validation data.
  public let validation: Double
  /// The share of permutations of the validation targets for which it does as well.
  public let pValue: Double

  static let rows = 256
  /// The fewest rows of each.
  public static let fewest = 40

  /// Compares as many rows of both.
  ///
  /// - Parameter duplicates: copies in the training's data, which are left out: of them anybody can tell
  ///   the target.
  /// - Returns: nil where there are too few rows, or no table can be made of them.
  /// - Throws: `RunError.npy` when the data cannot be read.
  public init?(_ run: Run, _ duplicates: Duplicates?, _ validation: Run) throws(RunError) {
    let distinct = duplicates?.firsts?.count ?? run.samples
    let count = min(Self.rows, distinct, validation.samples)
    guard count >= Self.fewest,
      let own = try Self.baselines(run.distinctSample(count, duplicates)),
      let other = try Self.baselines(validation.subsample(count))
    else { return nil }
    samples = count
    training = own.best
    self.validation = other.best
    pValue = other.pValue
  }

  /// Those of the first loss that has some.
  private static func baselines(_ run: Run) throws(RunError) -> Baselines? {
    guard let table = try SampleTable(run),
      let targets = table.targets.compactMap({ $0 }).first
    else { return nil }
    return Baselines(
      features: table.features, width: table.width, targets: targets.values,
      columns: targets.columns, samples: table.samples)
  }
}
