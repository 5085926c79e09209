import Operators
import Replay
import Runs
import Trials

// What is measured of recurrent layers.
extension Measurer {
  /// What padding does to inputs that a recurrent layer reads step by step.
  func padding(_ exam: Examination) throws(RunError) -> [PaddingProbe] {
    guard exam.isFinite else { return [] }
    var result: [PaddingProbe] = []
    for input in run.graph.inputs {
      let shape = exam.plan.operands[input].shape
      let isRead = run.graph.nodes.contains { node in
        guard let recurrence = exam.recurrence(of: node), let source = node.inputs[0] else {
          return false
        }
        return shape.rank >= 2 && recurrence.steps == shape[1] && recurrence.steps > 1
          && SignalPath.ancestors(of: source, run.graph).contains(input)
      }
      guard isRead else { continue }
      let probe = try replayed { () throws(RunError) in
        try PaddingProbe(run, exam.weights, input: run.graph.tensors[input], progress)
      }
      if let probe { result.append(probe) }
    }
    return result
  }

  /// Inputs whose order the network does not see.
  func orders(_ exam: Examination) throws(RunError) -> [OrderProbe] {
    guard exam.isFinite, exam.leavesLoss || exam.isTrained == false else { return [] }
    var result: [OrderProbe] = []
    for input in OrderBlind.sequences(exam) {
      let probe = try replayed { () throws(RunError) in
        try OrderProbe(
          run, exam.weights, input: input,
          seenBelow: exam.value(OrderBlind.change, of: OrderBlind.self), progress)
      }
      if let probe { result.append(probe) }
    }
    return result
  }

  /// How the states of recurrent layers grow.
  func growth(_ exam: Examination) throws(RunError) -> [StateGrowth] {
    guard let weights = exam.isFinite ? exam.weights : exam.startWeights else { return [] }
    return try replayed { () throws(RunError) in
      try StateGrowth.all(run, weights, progress)
    } ?? []
  }

  /// The training with bounded states, where it came to nothing and its own have no bounds.
  func boundedTrial(
    _ exam: Examination, _ data: TrialData
  ) throws(RunError) -> BoundedTrial? {
    let isBounded = run.graph.nodes.allSatisfy { exam.recurrence(of: $0)?.isBounded ?? true }
    let failed = exam.relativeLoss.map { $0.current >= Limits.nothing.value } ?? !exam.isFinite
    guard !isBounded, exam.isTrained != false, failed else { return nil }
    return try BoundedTrial(
      data, before: exam.startWeights, shape: exam.weights, effort: effort, progress: progress)
  }

  /// What a probe gives; nil when the replay that it needs fails.
  func replayed<T>(_ probe: () throws(RunError) -> T?) throws(RunError) -> T? {
    do throws(RunError) { return try probe() } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }
}
