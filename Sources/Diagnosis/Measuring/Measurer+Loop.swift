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
      let whole = try run.ignoringStops().subsample(try run.affordable(Self.unstoppedRows))
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
}
