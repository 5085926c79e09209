import Replay
import Runs
import Trials

// What is measured at every snapshot of the training.
extension Measurer {
  /// The network along the training; nil for a run without snapshots.
  ///
  /// Moments are replayed one after the other, and nothing of one is kept but its figures and what
  /// `states` makes of it: a run may have many of them.
  func timeline(
    _ exam: Examination, states: @Sendable (Examination) -> [Timeline.State]
  ) throws(RunError) -> Timeline? {
    guard !run.snapshots.isEmpty else { return nil }
    let part = try run.subsample(rows(exam.plan), seed: 6)
    let isWhole = part.samples == run.samples
    let end =
      try isWhole ? exam.current : replay(part, at: .current).vitals
    var moments: [Timeline.Moment] = []
    func add(
      _ when: Timeline.Moment.When, _ step: Int?, _ vitals: ReplayVitals, _ weights: Weights
    ) {
      let share = step.flatMap { step in
        run.updates.map { Double(step) / Double(max(1, $0)) }
      }
      let then = exam.at(
        vitals, weights, when: when == .start ? .start : .end, end: end.dataLoss,
        share: when == .end ? 1 : share)
      moments.append(
        Timeline.Moment(
          when: when, step: step, epoch: step.flatMap(run.epoch(after:)), figures: then.figures,
          states: states(then), digest: digest(weights)))
    }
    let initial = exam.initial
    if let initial, let weights = exam.initialWeights {
      add(.start, 0, try isWhole ? initial : replay(part, at: .initial).vitals, weights)
    }
    for snapshot in run.snapshots where snapshot.step > 0 || initial == nil {
      let replayed = try replay(part.at(snapshot), at: .current, keeping: false)
      add(snapshot.step > 0 ? .update : .start, snapshot.step, replayed.vitals, replayed.weights)
    }
    add(.end, run.updates, end, exam.weights)
    return Timeline(samples: part.samples, moments: moments)
  }

  private func replay(
    _ part: Run, at snapshot: Weights.Snapshot, keeping: Bool = true
  ) throws(RunError) -> (vitals: ReplayVitals, weights: Weights) {
    let pass = try ReplayPass(part, at: snapshot, keepingWeights: keeping)
    let result = try pass.run(workers: workers, progress: progress)
    return (result.vitals, pass.weights)
  }

  /// How many samples each moment is replayed on: all of them where that is little work, else so many
  /// that all moments together cost a part of what one replay of the whole run does.
  private func rows(_ plan: Plan) -> Int {
    let moments = Double(run.snapshots.count + 2)
    let perRow = Workload.operations(run, plan) / Double(max(1, plan.rows))
    let affordable = Limits.timelineOperations.value / (moments * perRow)
    let part = Limits.timelineShare.value * Double(run.samples) / moments
    let rows = max(affordable, part, Limits.timelineSamples.value)
    return rows < Double(run.samples) ? Int(rows) : run.samples
  }

  private func digest(_ weights: Weights) -> UInt64 {
    run.graph.parameters.reduce(0) { Digest.mix($0, Digest.of(weights.values(of: $1))) }
  }
}
