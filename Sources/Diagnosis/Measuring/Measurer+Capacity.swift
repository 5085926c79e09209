import Replay
import Runs
import Trials

// What is measured where a trained network leaves more of the loss than it should.
extension Measurer {
  /// By loss: what its residuals could be told from; nil where that cannot be measured, and empty
  /// where too little of the loss is left.
  func capacity(_ exam: Examination) throws(RunError) -> [Capacity?] {
    guard exam.leavesLoss else { return [] }
    return try run.losses.map { (term) throws(RunError) in try capacity(of: term, exam) }
  }

  private func capacity(
    of term: Run.LossTerm, _ exam: Examination
  ) throws(RunError) -> Capacity? {
    guard exam.isFinite, let sample = exam.survey.sample,
      let hidden = SignalPath.lastFeatures(of: term, exam)
    else { return nil }
    do throws(RunError) {
      return try Capacity(sample, term, hidden: hidden, exam.weights, progress: progress)
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }
}
