import Npy
import Operators
import Replay
import Runs
import Trials

// What is measured of the training as a whole.
extension Measurer {
  /// The recorded series.
  func series() throws(RunError) -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for (name, series) in run.history { result[name] = try bridging(series.array.doubles()) }
    return result
  }

  /// The weights before the training; nil when they were not exported, or are those after it
  /// although the loss fell: then nobody took a copy, and nothing is known of the start.
  func initialWeights(
    _ weights: Weights, _ series: [String: [Double]]
  ) throws(RunError) -> Weights? {
    guard run.graph.parameters.contains(where: { $0.initial != nil }) else { return nil }
    let initial = try Weights(run, at: .initial)
    let isAliased = LossCurve.fell(series["loss"] ?? []) && !differ(weights, initial)
    return isAliased ? nil : initial
  }

  /// Whether the training has changed any parameter: by the weights before it, else by what the run
  /// says of steps, epochs or history; nil when nothing tells.
  func isTrained(_ weights: Weights, _ initial: Weights?) -> Bool? {
    if let initial { return differ(weights, initial) }
    if !run.history.isEmpty { return true }
    if let steps = run.training.steps { return steps > 0 }
    if let epochs = run.training.epochs { return epochs > 0 }
    return nil
  }

  private func differ(_ weights: Weights, _ initial: Weights) -> Bool {
    run.graph.parameters.contains { parameter in
      parameter.trainable && parameter.initial != nil
        && !weights.values(of: parameter).elementsEqual(initial.values(of: parameter))
    }
  }

  /// Where the run stands on the yardstick; nil where the replay of its subsample fails.
  ///
  /// - Parameter loss: the loss of all rows.
  func relativeLoss(
    _ trialData: TrialData, _ weights: Weights, _ before: Weights?, _ data: DataVitals,
    _ loss: Double
  ) throws(RunError) -> RelativeLoss? {
    do throws(RunError) {
      let measured = try RelativeLoss(trialData, weights, before: before, progress: progress)
      return measured?.corrected(
        loss: loss, constant: Yardstick.exactConstantLoss(run, data, weights))
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  /// What a trial of the training may change: inputs that feed weights and are not standardized
  /// already, targets of losses whose gradient grows with them, and so on.
  func trialScope(_ plan: Plan, _ data: DataVitals) -> TrialScope {
    var scope = TrialScope()
    for input in run.graph.inputs where SignalPath.feedsKernel(input, run, plan) {
      let name = run.graph.tensors[input]
      if let vitals = data.arrays[name], !isStandardized(vitals) { scope.inputs.insert(name) }
    }
    for term in run.losses where type(of: term.loss).info.targets == .values {
      guard let vitals = data.arrays[term.target], !isStandardized(vitals) else { continue }
      scope.targets.insert(term.target)
    }
    scope.unpenalized =
      !run.training.regularization.isEmpty
      || (run.training.optimizer.map { ($0.numbers["weight_decay"] ?? 0) > 0 } ?? false)
    scope.complete = !(run.training.optimizer?.missing.isEmpty ?? true)
    scope.averaged = run.losses.contains { !$0.mean }
    return scope
  }

  /// Whether every column that varies is about as near to zero, and as wide, as one that was
  /// standardized.
  private func isStandardized(_ vitals: ArrayVitals) -> Bool {
    let columns = vitals.columns
    return (0..<columns.units).allSatisfy { column in
      guard columns.count[column] > 0, columns.nonFinite[column] == 0 else { return true }
      let variance = columns.squares[column] / Double(columns.count[column])
      guard variance > 0 else { return true }
      let deviation = variance.squareRoot()
      let widest = Limits.standardDeviation.value
      return (1 / widest...widest).contains(deviation)
        && abs(columns.mean[column]) <= Limits.standardMean.value * deviation
    }
  }
}
