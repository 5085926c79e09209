import Replay
import Runs
import Trials

// What is measured by replaying all samples.
extension Measurer {
  /// The replay at the weights after the training, or before it.
  func replay(at snapshot: Weights.Snapshot) throws(RunError) -> ReplayPass.Result {
    try ReplayPass(run, at: snapshot).run(
      workers: workers, executor: executor, progress: progress)
  }

  /// The validation data and the replay on it; where the replay fails, why.
  func validation(_ weights: Weights) throws(RunError) -> Examination.Validation? {
    guard let other = run.onValidation else { return nil }
    let data = try data(validation: true)
    let constant = Yardstick.constantLoss(run, data, weights)
    do throws(RunError) {
      let vitals = try ReplayPass(other, backward: false).run(
        workers: workers, executor: executor, progress: progress
      ).vitals
      return Examination.Validation(
        data: data, constantLoss: constant, replay: vitals,
        isFinite: Masks.isFinite(vitals, run), problem: nil)
    } catch {
      guard error.isReplay else { throw error }
      return Examination.Validation(
        data: data, constantLoss: constant, replay: nil, isFinite: false,
        problem: error.description)
    }
  }

  /// The loss of all rows by the running statistics of batch normalizations that went by those of
  /// their batches; nil where there are none, nothing was trained, or it is not finite.
  func evaluatedLoss(_ exam: Examination) throws(RunError) -> Double? {
    guard exam.isTrained != false, exam.isFinite, !run.losses.isEmpty,
      run.graph.nodes.contains(where: { $0.kind.evaluating != nil })
    else { return nil }
    do throws(RunError) {
      let vitals = try ReplayPass(try run.evaluating(), backward: false).run(
        workers: workers, executor: nil, progress: progress
      ).vitals
      return vitals.dataLoss.isFinite ? vitals.dataLoss : nil
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  /// The snapshots whose replay is finite: the start first, when the weights of then were exported.
  /// A run that says it was not trained has its start in the current weights.
  func snapshots(
    _ current: ReplayVitals, _ weights: Weights, _ initial: ReplayVitals?,
    _ initialWeights: Weights?, _ isTrained: Bool?
  ) -> [Examination.Snapshot] {
    var result: [Examination.Snapshot] = []
    if let initial, let initialWeights, Masks.isFinite(initial, run) {
      result.append(.init(vitals: initial, weights: initialWeights, when: .start))
    }
    if Masks.isFinite(current, run) {
      result.append(
        .init(
          vitals: current, weights: weights,
          when: isTrained == false ? .start : initial == nil ? .handedOver : .end))
    }
    return result
  }
}
