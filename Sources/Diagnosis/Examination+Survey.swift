import Operators
import Replay
import Runs
import Trials

extension Examination {
  /// Measures what the residuals of a loss could be told from; nil when the network has no last layer
  /// of weights, or the replay fails.
  func capacity(
    of term: Run.LossTerm, _ progress: Progress
  ) throws(RunError) -> Capacity? {
    guard isFinite, let sample = survey.sample, let hidden = lastFeatures(of: term) else {
      return nil
    }
    do throws(RunError) {
      return try Capacity(sample, term, hidden: hidden, weights, progress: progress)
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  /// What the last layer of weights before a prediction takes in.
  private func lastFeatures(of term: Run.LossTerm) -> Int? {
    var tensor = term.prediction
    while let index = run.graph.producer[tensor] {
      let node = run.graph.nodes[index]
      if SignalPath.kernel(of: node, self) != nil { return SignalPath.affineInput(of: node, self) }
      guard let input = SignalPath.affineInput(of: node, self) ?? node.inputs.first.flatMap({ $0 }),
        node.kind.activation != nil || node.kind.states(.passesValues)
          || SignalPath.affineInput(of: node, self) != nil
      else { return nil }
      tensor = input
    }
    return nil
  }

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
    guard let validation, let replay = validation.replay,
      let constant = try? Overfitting.constantLoss(run, validation.data, weights), constant > 0
    else { return nil }
    return replay.dataLoss / constant
  }

  /// Whether the training, or a trial of it, did better than a constant on samples that it had not
  /// seen: then there is something to learn.
  var isLearnedBeyondTraining: Bool {
    if let validationRelativeLoss, validationRelativeLoss < 0.95 { return true }
    guard case .done(let trials) = trials, trials.isHeldOut else { return false }
    return trials.all.contains { $0.changes.start != .after && $0.best() < 0.95 }
  }
}
