import Operators
import Replay
import Runs
import Trials

extension Examination {
  /// Names of inputs that hold ids, such as tokens: no numbers, and nothing to scale.
  var idInputs: Set<String> {
    Set(run.graph.inputs.filter { run.graph.holdsIds($0) }.map { run.graph.tensors[$0] })
  }

  /// The names of the features that the columns of `SampleTable` stand for: input and column.
  var featurePlaces: [(input: String, column: Int)] {
    run.graph.inputs.map { run.graph.tensors[$0] }.flatMap { name in
      (0..<(run.data[name]?.rowLength ?? 0)).map { (name, $0) }
    }
  }

  /// The loss that is left on validation data, as a share of the best constant prediction's there;
  /// nil when there is none.
  var validationRelativeLoss: Double? {
    guard let validation, let replay = validation.replay, let constant = validation.constantLoss,
      constant > 0
    else { return nil }
    return replay.dataLoss / constant
  }

  /// Whether so much is left of the loss after a training that capacity is worth measuring.
  var leavesLoss: Bool {
    guard isTrained != false, let relativeLoss else { return false }
    return relativeLoss.current > value(TrialComparison.gain, of: UnderCapacity.self)
  }

  /// Whether the training, or a trial of it, did better than a constant on samples that it had not
  /// seen: then there is something to learn.
  var isLearnedBeyondTraining: Bool {
    if let validationRelativeLoss, validationRelativeLoss < Limits.unseen.value { return true }
    guard case .done(let trials) = trials, trials.isHeldOut else { return false }
    return trials.all.contains { $0.changes.start != .after && $0.best() < Limits.unseen.value }
  }
}
