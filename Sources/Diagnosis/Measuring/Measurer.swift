import Replay
import Runs
import Trials

/// Takes the measurements of a run that rules read: one small method each, in the extensions of
/// this type. It knows no rule.
struct Measurer {
  /// The run without losses that refuse their targets.
  let run: Run
  /// Threads; 0 for one per core.
  let workers: Int
  /// Does lanes of passes elsewhere; nil for this process.
  let executor: (any LaneExecutor)?
  let progress: Progress
  /// Factor of the arithmetic that trials may take.
  var effort = 1.0

  /// Measures everything.
  ///
  /// - Throws: `RunError` when the run cannot be read or replayed, or the caller cancels.
  static func examine(
    _ whole: Run, _ options: Check.Options, _ progress: Progress
  ) throws(RunError) -> Examination {
    let all = Measurer(
      run: whole, workers: options.workers, executor: options.executor, progress: progress)
    let data = try all.data(validation: false)
    let refused = try all.refusedTargets(data)
    let measurer = Measurer(
      run: whole.without(losses: Set(refused.map(\.index))), workers: options.workers,
      executor: options.executor, progress: progress, effort: options.effort)
    return try measurer.examine(data, refused, options.set)
  }

  private func examine(
    _ data: DataVitals, _ refused: [RefusedTargets], _ settings: [String: Double]
  ) throws(RunError) -> Examination {
    let (run, workers, effort) = (run, workers, effort)
    let current = try replay(at: .current)
    let series = try series()
    let weights = try Weights(run)
    let initialWeights = try initialWeights(weights, series)
    let initial = try initialWeights.map { (_) throws(RunError) in try replay(at: .initial) }
    let isTrained = isTrained(weights, initialWeights)
    let start = initialWeights ?? (isTrained == false ? weights : nil)
    let duplicates = try duplicates()
    let trialData = try TrialData(run, rows: duplicates?.firsts)
    let correlations = try correlations(data, of: inputs)
    let targetCorrelations = try self.correlations(data, of: tables(data))
    let validation = try validation(weights)
    let scope = trialScope(current.plan, data)
    let (before, after) = (start, isTrained == false ? nil : weights)
    let progress = progress
    // Nothing but the rules needs both: trials take about as long as all the rest. Where there is no memory
    // for both they come one after another.
    let threads = run.affordableTrainings > 1 ? workers : 1
    let (played, rest) = try BackgroundWork.both(workers: threads) { () throws(RunError) in
      let trials = try Trials.run(
        run, on: trialData, before: before, after: after, scope, effort: effort,
        workers: workers, progress: progress)
      let probe =
        try trials.isTooLarge
        ? RateProbe(
          trialData, before: before, after: after, shape: weights, effort: effort,
          workers: workers, progress: progress) : nil
      let loop = try LoopTrials.run(
        run, before: initialWeights, after: after, effort: effort, workers: workers,
        progress: progress)
      return (trials, probe, loop)
    } _: { () throws(RunError) in
      let beside = Measurer(
        run: run, workers: workers, executor: executor, progress: progress.beside(),
        effort: effort)
      let survey = try beside.survey(weights, duplicates)
      let relativeLoss = try beside.relativeLoss(
        trialData, weights, before, data, current.vitals.dataLoss)
      let snapshots = beside.snapshots(
        current.vitals, weights, initial?.vitals, initialWeights, isTrained)
      var exam = Examination(
        run: run, plan: current.plan, flow: GradientFlow(run), data: data,
        correlations: correlations, targetCorrelations: targetCorrelations, refused: refused,
        validation: validation, series: series, current: current.vitals,
        initial: initial?.vitals, weights: weights, initialWeights: initialWeights,
        startWeights: before, isTrained: isTrained,
        isFinite: Masks.isFinite(current.vitals, run), snapshots: snapshots,
        relativeLoss: relativeLoss, survey: survey, settings: settings)
      exam.capacity = try beside.capacity(exam)
      exam.outputs = try beside.outputs(exam)
      exam.pairing = try beside.pairing(exam)
      exam.classOrder = try beside.classOrder(exam)
      exam.directions = try beside.directions(exam)
      exam.padding = try beside.padding(exam)
      exam.orders = try beside.orders(exam)
      exam.headRefit = try beside.headRefit(exam)
      exam.widening = try beside.widening(exam, trialData)
      exam.growth = try beside.growth(exam)
      exam.boundedTrial = try beside.boundedTrial(exam, trialData)
      exam.readings = try beside.readings(exam)
      exam.baselineMatch = try beside.baselineMatch(exam)
      exam.evaluatedLoss = try beside.evaluatedLoss(exam)
      exam.unstopped = try beside.unstopped(exam)
      exam.fits = try beside.fits(exam)
      return exam
    }
    var exam = rest
    (exam.trials, exam.rateProbe, exam.loop) = played
    return exam
  }
}
