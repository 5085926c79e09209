import Npy
import Operators
import Replay
import Runs
import Trials

/// The examination of a run: measure, apply the rules, find the causes.
public struct Check: Sendable {
  /// What the user may set.
  public struct Options: Sendable {
    /// Threads; 0 for one a core. The report does not depend on it.
    public var workers = 0
    /// Ids of the only rules to apply; empty for all.
    public var select: [String] = []
    /// Ids of rules to leave out.
    public var ignore: [String] = []
    /// By `rule.threshold`: another value.
    public var set: [String: Double] = [:]
    /// Does lanes of passes over the data elsewhere; nil for threads of this process alone. The
    /// report does not depend on it.
    public var executor: (any LaneExecutor)?

    /// The defaults.
    public init() {}
  }

  private var options: Options

  /// A check with some options.
  ///
  /// - Throws: `OptionError` when they name a rule or a threshold that does not exist.
  public init(_ options: Options = Options()) throws(OptionError) {
    let ids = RuleRegistry.all.map { $0.info.id }
    for id in options.select + options.ignore where !ids.contains(id) {
      throw OptionError(what: "rule", found: id, known: ids)
    }
    let names = RuleRegistry.all.flatMap { rule in
      rule.info.thresholds.map { "\(rule.info.id).\($0.name)" }
    }
    for name in options.set.keys.sorted() where !names.contains(name) {
      let rule = name.prefix { $0 != "." }
      guard ids.contains(String(rule)) else {
        throw OptionError(what: "rule", found: String(rule), known: ids)
      }
      let own = names.filter { $0.hasPrefix("\(rule).") }
      throw OptionError(what: "option", found: name, known: own.isEmpty ? ["none"] : own)
    }
    self.options = options
  }

  /// The same check with its passes over the data done elsewhere; nil for this process.
  public func on(_ executor: (any LaneExecutor)?) -> Check {
    var copy = self
    copy.options.executor = executor
    return copy
  }

  /// Examines a run. A file defib.toml in its folder, or in the one that holds it, adds to the options:
  /// rules to ignore, thresholds, and rules to select where the options select none.
  ///
  /// - Throws: `RunError` when it cannot be read or replayed, or the caller cancels.
  public func run(_ run: Run, progress: Progress = Progress()) throws(RunError) -> Report {
    var own = self
    own.options = try ConfigurationFile.options(for: run, under: options)
    return try own.apply(to: run, progress)
  }

  private func apply(to run: Run, _ progress: Progress) throws(RunError) -> Report {
    let check = self
    let exam = try BackgroundWork.run { () throws(RunError) in
      let exam = try check.examine(run, progress)
      // A history that the broadcast loss contradicts tells that the loop squeezed.
      let shapes = BroadcastTarget.disproved(exam)
      guard !shapes.isEmpty else { return exam }
      return try check.examine(run.squeezing(shapes), progress)
    }
    var findings: [Finding] = []
    var checked: [String] = []
    var notChecked: [Report.NotCheckedRule] = []
    var rules: [any Rule] = []
    for type in RuleRegistry.all {
      let id = type.info.id
      if !options.select.isEmpty && !options.select.contains(id) { continue }
      if options.ignore.contains(id) { continue }
      progress.pulse()
      if progress.isCancelled { throw .cancelled }
      let rule = type.init()
      do throws(NotChecked) {
        findings += exam.weigh(try rule.check(exam), type.info)
        checked.append(id)
        rules.append(rule)
      } catch { notChecked.append(.init(rule: id, reason: error.reason)) }
    }
    let linked = CauseGraph(findings, rules, exam)
    return Report(
      exam, findings: linked.findings, causes: linked.causes, checked: checked,
      notChecked: notChecked)
  }

  /// All passes of a check.
  package func examine(_ whole: Run, _ progress: Progress) throws(RunError) -> Examination {
    let (workers, executor) = (options.workers, options.executor)
    let data = try DataPass(whole, bounds: Self.bounds(whole)).run(
      workers: workers, executor: executor, progress: progress)
    let refused = try RefusedTargets.find(
      in: whole, data, workers: workers, executor: executor, progress: progress)
    let run = whole.without(losses: Set(refused.map(\.index)))
    let current = try ReplayPass(run).run(
      workers: workers, executor: executor, progress: progress)
    let hasInitial = run.graph.parameters.contains { $0.initial != nil }
    let series = try Self.series(run)
    let weights = try Weights(run)
    let given = hasInitial ? try Weights(run, at: .initial) : nil
    let initialWeights = given.flatMap {
      Examination.isAliased(run, weights, $0, series) ? nil : $0
    }
    let initial =
      try initialWeights != nil
      ? ReplayPass(run, at: .initial).run(
        workers: workers, executor: executor, progress: progress) : nil
    let inputs = run.graph.inputs.map { run.graph.tensors[$0] }
    let targets = Set(run.losses.map(\.target)).filter { (data.arrays[$0]?.columns.units ?? 0) > 1 }
    let trained = Examination.isTrained(run, weights, initialWeights)
    let before = initialWeights ?? (trained == false ? weights : nil)
    let duplicates = try Duplicates(
      run, workers: workers, executor: executor, progress: progress)
    let trialData = try TrialData(run, rows: duplicates?.firsts)
    let correlations = try correlations(run, inputs, data, progress)
    let targetCorrelations = try self.correlations(run, targets.sorted(), data, progress)
    let validation = try validation(run, progress)
    let changes = Examination.changes(run, current.plan, data)
    let settings = options.set
    // Nothing but the rules needs both: trials take about as long as all the rest.
    let (trials, rest) = try BackgroundWork.both(workers: workers) { () throws(RunError) in
      try Trials.run(
        run, on: trialData, before: before, after: trained == false ? nil : weights, changes,
        workers: workers, progress: progress)
    } _: { () throws(RunError) in
      let progress = progress.beside()
      let survey = try Survey(
        run, weights, duplicates, workers: workers, executor: executor, progress: progress)
      var exam = Examination(
        run: run, plan: current.plan, flow: GradientFlow(run), data: data,
        correlations: correlations, targetCorrelations: targetCorrelations,
        refused: refused, validation: validation, series: series,
        current: current.vitals, initial: initial?.vitals,
        weights: weights, initialWeights: initialWeights,
        relativeLoss: try Self.relativeLoss(trialData, weights, before, progress)?
          .corrected(
            loss: current.vitals.dataLoss, constant: Self.exactConstant(run, data, weights)),
        survey: survey,
        settings: settings)
      if UnderCapacity.mayFire(exam) {
        exam.capacity = try run.losses.map { (term) throws(RunError) in
          try exam.capacity(of: term, progress)
        }
      }
      return exam
    }
    var exam = rest
    exam.trials = trials
    return exam
  }

  /// How the columns of some arrays vary together.
  private func correlations(
    _ run: Run, _ names: [String], _ data: DataVitals, _ progress: Progress
  ) throws(RunError) -> [String: Correlation] {
    var result: [String: Correlation] = [:]
    for name in names {
      guard let vitals = data.arrays[name] else { continue }
      result[name] = try CorrelationPass(run, vitals)?.run(
        workers: options.workers, executor: options.executor, progress: progress)
    }
    return result
  }

  /// The validation data and the replay on it; where the replay fails, why.
  private func validation(
    _ run: Run, _ progress: Progress
  ) throws(RunError) -> Examination.Validation? {
    guard let other = run.onValidation else { return nil }
    let data = try DataPass(run, validation: true, bounds: Self.bounds(run)).run(
      workers: options.workers, executor: options.executor, progress: progress)
    do throws(RunError) {
      let replay = try ReplayPass(other, backward: false).run(
        workers: options.workers, executor: options.executor, progress: progress)
      return Examination.Validation(data: data, replay: replay.vitals, problem: nil)
    } catch {
      guard error.isReplay else { throw error }
      return Examination.Validation(data: data, replay: nil, problem: error.description)
    }
  }

  /// Where the run stands; nil where the replay of its subsample fails.
  private static func relativeLoss(
    _ trialData: TrialData, _ weights: Weights, _ before: Weights?, _ progress: Progress
  ) throws(RunError) -> RelativeLoss? {
    do throws(RunError) {
      return try RelativeLoss(trialData, weights, before: before, progress: progress)
    } catch {
      guard error.isReplay else { throw error }
      return nil
    }
  }

  /// The loss of the best constant prediction over all rows; nil where it is known only roughly.
  private static func exactConstant(
    _ run: Run, _ data: DataVitals, _ weights: Weights
  ) -> Double? {
    let isKnown = run.losses.allSatisfy { term in
      let targets = type(of: term.loss).info.targets
      return term.sampleWeight == nil && term.mean && term.loss.constants.smoothing == 0
        && (term.kind == "mse" || targets == .classes || targets == .probabilities)
    }
    return isKnown ? try? Overfitting.constantLoss(run, data, weights) : nil
  }

  /// The recorded series.
  private static func series(_ run: Run) throws(RunError) -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for (name, series) in run.history {
      result[name] = try bridging(series.array.doubles())
    }
    return result
  }

  /// What targets may be, or else what the heads of the losses can reach: targets outside are counted
  /// while the data is read.
  private static func bounds(_ run: Run) -> [String: ClosedRange<Double>] {
    var result: [String: ClosedRange<Double>] = [:]
    for term in run.losses {
      if type(of: term.loss).info.targets == .probabilities {
        result[term.target] = 0...1
      } else if let head = SignalPath.head(of: term.prediction, run.graph) {
        result[term.target] = head.activation.range
      }
    }
    return result
  }
}

/// An option that names something unknown.
public struct OptionError: Error, Equatable, CustomStringConvertible {
  /// What was meant: a rule or an option.
  public let what: String
  /// The name given.
  public let found: String
  /// The names that exist.
  public let known: [String]

  /// The message.
  public var description: String {
    "unknown \(what) \"\(found)\": expected one of \(known.joined(separator: ", "))"
  }
}
