import Replay
import Runs

extension LoopSearch {
  /// Plays the loops of a run.
  ///
  /// - Parameter effort: factor of the arithmetic that a play may take.
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  static func run(
    _ run: Run, before: Weights?, after: Weights?, effort: Double, workers: Int, progress: Progress
  ) throws(RunError) -> LoopOutcome {
    guard let optimizer = run.training.optimizer else {
      return .not("the run does not say which optimizer it was trained with")
    }
    guard !run.losses.isEmpty else { return .not("the run has no loss") }
    guard let after else { return .not("the run was not trained") }
    guard let updates = run.updates else {
      return .not("the run does not say how many updates its training had")
    }
    guard let before else { return .not("the weights before the training are not known") }
    guard optimizer.learningRate > 0 else { return .not("the learning rate is 0") }
    guard run.training.trainMode else { return .not("the run was exported in evaluation mode") }
    guard run.samples > 1, updates >= fewest else { return .not("the training is too short") }
    do throws(RunError) {
      let rows = min(run.nominalBatch, run.samples)
      let data = try TrialData(run)
      guard
        let yardstick = try Yardstick(try Stepper(data.run, from: after, progress: progress), data)
      else {
        return .not("the targets are constant, or the loss has no known best constant prediction")
      }
      let plan = try Plan(data.run, rows: rows)
      let most = Int(min(Double(Self.most), effort * budget / Workload.operations(data.run, plan)))
      let (batches, overflow) = updates.multipliedReportingOverflow(
        by: run.training.accumulation ?? 1)
      guard !overflow else { return .not("the training has more batches than can be counted") }
      let played = min(batches, most)
      guard played >= fewest else {
        return .not("the network is too large to play its training again")
      }
      let windows = try LossWindow.windows(run, batches: batches, played: played)
      let marks = LoopMark.all(run, batches: batches, played: played)
      guard played == batches || !windows.isEmpty || !marks.isEmpty else {
        return .not(
          "the training is too long to play it to its end, and there is neither a history of its losses "
            + "nor a snapshot")
      }
      let search = try LoopSearch(
        run, plan, before: before, after: after, yardstick, windows, marks, updates: updates,
        batches: batches, played: played, workers: workers, progress: progress)
      return try search.run()
    } catch {
      guard error.isReplay else { throw error }
      return .not("it cannot be played again: \(error)")
    }
  }
}
