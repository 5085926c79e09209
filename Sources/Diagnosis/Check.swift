import Npy
import Operators
import Replay
import Runs
import Trials

/// The examination of a run: measure, apply the rules, find the causes.
public struct Check: Sendable {
  private(set) var options: Options

  /// A check with some options.
  ///
  /// - Throws: `OptionError` when they name a rule or a threshold that does not exist.
  public init(_ options: Options = Options()) throws(OptionError) {
    try options.validate()
    self.options = options
  }

  /// The same check with its passes over the data done elsewhere; nil for this process.
  public func on(_ executor: (any LaneExecutor)?) -> Check {
    var copy = self
    copy.options.executor = executor
    return copy
  }

  /// Examines a run. A file of settings in its folder, or around it, adds to the options:
  /// rules to ignore, thresholds, and rules to select where the options select none.
  ///
  /// - Throws: `RunError` when it cannot be read or replayed, or the caller cancels.
  public func run(_ run: Run, progress: Progress = Progress()) throws(RunError) -> Report {
    var own = self
    own.options = try options.merged(near: run.folder)
    return try own.apply(to: run, progress)
  }

  private func apply(to run: Run, _ progress: Progress) throws(RunError) -> Report {
    let exam = try examine(run, progress)
    let lack = Lack(exam)
    var findings: [Finding] = []
    var checked: [String] = []
    var notChecked: [Report.NotCheckedRule] = []
    for type in RuleRegistry.all {
      let id = type.info.id.rawValue
      if !options.select.isEmpty && !options.select.contains(id) { continue }
      if options.ignore.contains(id) { continue }
      progress.pulse()
      if progress.isCancelled { throw .cancelled }
      let rule = type.init()
      do throws(NotChecked) {
        findings += try rule.check(exam)
        checked.append(id)
      } catch { notChecked.append(.init(rule: id, reason: lack.told(error.reason))) }
    }
    let (dating, mitigation) = (Dating(timeline: exam.timeline), Mitigation(exam))
    let linked = CauseGraph(findings.map(dating.dated).map(mitigation.applied(to:)))
    var report = Report(
      exam, findings: linked.findings, causes: linked.causes, checked: checked,
      notChecked: notChecked)
    if options.cure {
      try report.cure(
        CureSearching(
          exam: exam, effort: options.effort, workers: options.workers, progress: progress))
    }
    return report
  }

  /// All measurements of a run.
  package func examine(_ run: Run, _ progress: Progress) throws(RunError) -> Examination {
    let options = options
    return try BackgroundWork.run { () throws(RunError) in
      func measured(_ run: Run) throws(RunError) -> Examination {
        try Measurer.examine(run, options, progress)
      }
      func followed(_ exam: Examination) throws(RunError) -> Examination {
        var exam = exam
        let measurer = Measurer(
          run: exam.run, workers: options.workers, executor: nil, progress: progress)
        exam.timeline = try measurer.timeline(exam, states: Dating.states)
        return exam
      }
      let exam = try measured(run)
      // A history that the broadcast loss contradicts tells that the loop squeezed.
      let shapes = SqueezedTargets.disproved(exam)
      return try followed(shapes.isEmpty ? exam : try measured(run.squeezing(shapes)))
    }
  }
}
