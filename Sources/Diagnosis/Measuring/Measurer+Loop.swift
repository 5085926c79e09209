import Replay
import Runs
import Trials

// What is measured where the record of a training contradicts its replay.
extension Measurer {
  /// What other losses say of the predictions, at the weights before and after the training; none
  /// where the recorded loss is the replayed one.
  func readings(_ exam: Examination) throws(RunError) -> Examination.Readings {
    guard exam.isFinite,
      let recorded = try? RecordedLoss(exam, ratio: RecordedLoss.ratio.value),
      recorded.end == .differs
    else { return Examination.Readings() }
    do throws(RunError) {
      return Examination.Readings(
        start: try exam.initialWeights.flatMap { (weights) throws(RunError) in
          try LossReadings(run, weights, progress: progress)
        },
        end: try LossReadings(run, exam.weights, progress: progress))
    } catch {
      guard error.isReplay else { throw error }
      return Examination.Readings()
    }
  }

  /// The most samples that a gradient without stops is taken of.
  private static let unstoppedRows = 512

  /// By tensor of a trainable parameter that is cut off from the losses: the norm of the gradient that
  /// it would get if nothing stopped it.
  func unstopped(_ exam: Examination) throws(RunError) -> [Int: Double] {
    let cut = run.graph.parameters.filter { $0.trainable && exam.flow.stopped[$0.tensor] }
    guard !cut.isEmpty, exam.isFinite else { return [:] }
    do throws(RunError) {
      let whole = try run.ignoringStops().subsample(Self.unstoppedRows)
      let stepper = try Stepper(whole, from: exam.weights, progress: progress)
      _ = try stepper.gradient(0..<whole.samples, penalized: false)
      var norms: [Int: Double] = [:]
      for (index, slot) in stepper.slots.enumerated()
      where exam.flow.stopped[slot.parameter.tensor] {
        norms[slot.parameter.tensor] = stepper.gradient(of: index)
          .reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      }
      return norms
    } catch {
      guard error.isReplay else { throw error }
      return [:]
    }
  }

  /// The share of the training's loss that a replay must come below to be of interest.
  private static let better = 0.75

  /// The training done again, where it left enough of the loss to ask whether it went the right way.
  func loopReplay(_ exam: Examination) throws(RunError) -> LoopReplayOutcome {
    guard let before = exam.initialWeights, exam.isTrained == true, exam.isFinite else {
      return .not("the weights before the training are not known, or nothing moved")
    }
    guard let relativeLoss = exam.relativeLoss else {
      return .not("the targets are constant, or no best constant prediction is known")
    }
    guard relativeLoss.current > Limits.thriving.value else {
      return .not("the training learned what there is")
    }
    guard run.training.trainMode, !run.graph.nodes.contains(where: { $0.kind.states(.drops) })
    else { return .not("the training had dropout, or the run was exported in evaluation mode") }
    do throws(RunError) {
      let yardstick = relativeLoss.yardstick
      let ended = min(relativeLoss.current, 1)
      return try LoopReplay.measure(
        run, before: before, after: exam.weights,
        bound: yardstick.perfect
          + Self.better * ended * (yardstick.constant - yardstick.perfect), progress: progress)
    } catch {
      guard error.isReplay else { throw error }
      return .not("the training cannot be done again: \(error)")
    }
  }
}
