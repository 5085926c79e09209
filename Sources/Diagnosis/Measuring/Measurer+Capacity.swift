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

  /// What was learned of each column of a target, by loss.
  func outputs(_ exam: Examination) throws(RunError) -> [OutputShares] {
    guard exam.isFinite, exam.isTrained != false, let sample = exam.survey.sample else { return [] }
    var result: [OutputShares] = []
    for index in run.losses.indices {
      let shares = try replayed { () throws(RunError) in
        try OutputShares(sample, index, exam.weights, progress)
      }
      if let shares { result.append(shares) }
    }
    return result
  }

  /// Whether what a target stands for is its author's choice: two values, or one degree between 0 and 1,
  /// such as that of a likeness. Which of several classes it is, is none.
  private func isChoice(_ target: ArrayVitals) -> Bool {
    let columns = target.columns
    if columns.units == 1, columns.smallest >= 0, columns.largest <= 1 { return true }
    let isTwofold = (0..<columns.units).allSatisfy { unit in
      let (low, high) = (Double(columns.minimum[unit]), Double(columns.maximum[unit]))
      let mean = columns.mean[unit]
      // A column of two values has this variance, and no other between them has as much.
      return abs(columns.variance(unit) - (mean - low) * (high - mean)) < 1e-6 * (high - low)
        * (high - low)
    }
    return isTwofold && !LossTaskMismatch.isOneHot(target)
  }

  /// Where losses that a script wrote itself lead, by loss; nil where the targets are a choice.
  func directions(_ exam: Examination) throws(RunError) -> [LossDirection?] {
    guard exam.isFinite, let sample = exam.survey.sample else { return [] }
    var result: [LossDirection?] = []
    for (index, term) in run.losses.enumerated() {
      guard type(of: term.loss).info.targets == .unknown, term.second == nil,
        let target = exam.data.arrays[term.target], !isChoice(target)
      else {
        result.append(nil)
        continue
      }
      result.append(
        try replayed { () throws(RunError) in
          try LossDirection(sample, index, exam.weights, progress)
        })
    }
    return result
  }

  /// Whether inputs and targets belong together, where the model fails on the validation data.
  func pairing(_ exam: Examination) throws(RunError) -> Pairing? {
    guard let held = run.onValidation,
      exam.validationRelativeLoss.map({ $0 >= Limits.nothing.value }) ?? true
    else { return nil }
    return try Pairing(run, exam.survey.duplicates, held)
  }

  /// What the network calls the classes of the validation data, where it fails on them.
  func classOrder(_ exam: Examination) throws(RunError) -> ClassOrder? {
    guard let held = run.onValidation, exam.isFinite, run.losses.count == 1,
      exam.validationRelativeLoss.map({ $0 >= Limits.nothing.value }) ?? true
    else { return nil }
    return try replayed { () throws(RunError) in try ClassOrder(held, 0, progress) }
  }

  /// The last layer of weights, fitted again.
  func headRefit(_ exam: Examination) throws(RunError) -> HeadRefit? {
    guard exam.isFinite, exam.leavesLoss, run.losses.count == 1, let sample = exam.survey.sample,
      let layer = SignalPath.lastLayer(of: run.losses[0], exam)
    else { return nil }
    return try replayed { () throws(RunError) in
      try HeadRefit(sample, layer, exam.weights, progress)
    }
  }

  /// The training with the narrowest layer widened; a bottleneck before a copy of the inputs is meant.
  func widening(_ exam: Examination, _ data: TrialData) throws(RunError) -> WideningTrial? {
    guard exam.isFinite, exam.leavesLoss, run.losses.count == 1, let sample = exam.survey.sample,
      !BaselineMatch.copies(sample)
    else { return nil }
    return try replayed { () throws(RunError) in
      try WideningTrial(
        data, exam.weights, share: exam.value(NarrowLayer.share, of: NarrowLayer.self),
        effort: effort, progress: progress)
    }
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

  /// The trained network beside simple predictors.
  func baselineMatch(_ exam: Examination) throws(RunError) -> BaselineOutcome {
    guard exam.isTrained != false else { return .not("there was no training") }
    guard exam.isFinite else { return .not("values of the replay are not finite") }
    do throws(RunError) {
      return try BaselineMatch.measure(run, exam.weights, progress: progress)
    } catch {
      guard error.isReplay else { throw error }
      return .not("the network cannot be replayed on these rows: \(error)")
    }
  }
}
