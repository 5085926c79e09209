import Replay
import Runs

// What a report draws of the predictions.
extension Measurer {
  /// The most samples, and the most columns of targets.
  private static let (fitRows, fitColumns) = (100, 4)

  /// Predictions beside their targets, of losses on values in as many columns as are targets.
  func fits(_ exam: Examination) throws(RunError) -> [Plots.Fit] {
    let terms = run.losses.filter { term in
      let isTable = (run.data[term.target]?.shape.count ?? 0) <= 2
      return type(of: term.loss).info.targets == .values && term.second == nil && isTable
        && exam.plan.batchAxes[term.prediction] == [0]
    }
    guard exam.isFinite, !terms.isEmpty else { return [] }
    do throws(RunError) {
      let part = try run.subsample(try run.affordable(Self.fitRows))
      let outputs = try ReplayPass(part, backward: false, collecting: terms.map(\.prediction)).run(
        workers: 1, executor: nil, progress: progress
      ).outputs
      var fits: [Plots.Fit] = []
      for (term, output) in zip(terms, outputs) {
        guard let array = part.data[term.target] else { continue }
        let targets = try bridging(array.floats())
        let columns = array.rowLength
        guard targets.count == output.values.count else { continue }
        for column in 0..<columns where fits.count < Self.fitColumns {
          let places = stride(from: column, to: targets.count, by: columns)
          fits.append(
            Plots.Fit(
              name: exam.label(column, of: columns, in: term.target),
              targets: places.map { Plots.short(Double(targets[$0])) },
              predictions: places.map { Plots.short(Double(output.values[$0])) }))
        }
      }
      return fits
    } catch {
      guard error.isReplay else { throw error }
      return []
    }
  }
}
