import Operators
import Replay
import Runs

/// Targets with a value at every position, such as masks: a column is a channel there, not a pixel.
struct DenseTargets {
  /// Columns that are left.
  let channels: Int
  private let axisLength: Int
  private let inner: Int

  /// - Returns: nil for targets without positions, whose columns stand for themselves.
  init?(_ term: Run.LossTerm, _ vitals: ArrayVitals, _ exam: Examination) {
    let dims = vitals.shape
    let isClasses = type(of: term.loss).info.targets == .classes
    guard vitals.hasColumns, dims.count >= 3 || isClasses && dims.count == 2 && dims[1] > 1 else {
      return nil
    }
    let prediction = exam.plan.operands[term.prediction].shape.dims
    let axis = exam.plan.unitAxes[term.prediction]
    guard dims.count == prediction.count, dims.dropFirst() == prediction.dropFirst(),
      let axis, axis > 0, axis < dims.count
    else {
      (channels, axisLength, inner) = (1, 1, 1)
      return
    }
    (channels, axisLength) = (dims[axis], dims[axis])
    inner = dims.dropFirst(axis + 1).reduce(1, *)
  }

  /// The channel of a column.
  func channel(_ column: Int) -> Int { column / max(1, inner) % max(1, axisLength) }

  /// The moments of the channels.
  static func moments(
    _ term: Run.LossTerm, _ vitals: ArrayVitals, _ exam: Examination
  ) -> UnitMoments {
    guard let dense = DenseTargets(term, vitals, exam) else { return vitals.columns }
    return vitals.columns.pooled(groups: dense.channels) { dense.channel($0) }
  }
}
