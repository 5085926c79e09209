import Replay
import Runs
import Trials

/// Looks for the cure of a run that was examined.
struct CureSearching {
  let exam: Examination
  /// Factor of the arithmetic that it may take.
  let effort: Double
  let workers: Int
  let progress: Progress

  /// What cures it, by what its findings ask for.
  ///
  /// - Throws: `RunError` when the data cannot be read, or the caller cancels.
  func search(_ findings: [Finding]) throws(RunError) -> CureOutcome {
    let proposals = CureProposals(exam: exam).all(findings)
    return try BackgroundWork.run { () throws(RunError) in
      let data = try TrialData(exam.run, rows: exam.survey.duplicates?.firsts)
      return try Cure.search(
        exam.run, on: data, knowsStart: exam.startWeights != nil,
        isTrained: exam.isTrained != false,
        proposals, effort: effort, workers: workers, progress: progress)
    }
  }

  /// What findings would need that no trial can make.
  func untried(_ findings: [Finding]) -> [CureStatement.Untried] {
    var seen: Set<RuleID> = []
    return findings.filter(\.isAlarm).compactMap { finding in
      guard let reason = CureTable.untried[finding.rule], seen.insert(finding.rule).inserted else {
        return nil
      }
      return CureStatement.Untried(what: finding.rule.rawValue, reason: reason)
    }
  }
}

extension Report {
  /// Adds what cures the run.
  mutating func cure(_ searching: CureSearching) throws(RunError) {
    let untried = searching.untried(findings)
    switch try searching.search(findings) {
    case .not(let reason): cure = CureStatement(reason: reason, untried)
    case .done(let found):
      let statement = CureStatement(found, searching.exam.run, untried)
      rank(by: statement)
      cure = statement
      revived = found.revived
    }
  }
}
