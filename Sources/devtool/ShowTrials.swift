import ArgumentParser
import Diagnosis
import Replay
import Runs
import Trials

/// Prints every trial of a run's training: what rules about settings decide by.
struct ShowTrials: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trials", abstract: "Prints the trials of a run's training.")

  @Argument(help: "The folder of the run.")
  var folder: String

  func run() throws {
    let exam = try Check().examine(try Run.open(folder: folder), Progress())
    if let relativeLoss = exam.relativeLoss {
      print("relativeLoss: \(relativeLoss.current) now, \(relativeLoss.initial ?? .nan) before")
    }
    if let trial = exam.widening {
      print("\(trial.width) units: \(trial.narrow); \(trial.wide) units: \(trial.widened)")
    }
    if let refit = exam.headRefit { print("head: \(refit.before), fitted again \(refit.after)") }
    switch exam.trials {
    case .not(let reason): print("none: \(reason)")
    case .done(let all):
      print(
        "\(all.steps) updates, judged by \(all.judged) rows; the training took "
          + "\(all.trainedSteps ?? -1) and ended at \(all.end ?? .nan)")
      for trial in all.all {
        print(Self.line(trial))
        for other in all.repeats[trial.changes] ?? [] { print("  again: \(Self.line(other))") }
      }
    }
  }

  private static func line(_ trial: Trial) -> String {
    let changes = trial.changes
    let flags = [
      (changes.scaledInputs, "inputs"), (changes.scaledTargets, "targets"),
      (!changes.penalized, "unpenalized"), (changes.averaged, "averaged"),
    ].filter(\.0).map(\.1).joined(separator: ",")
    let losses = trial.losses.map { "\(($0 * 1000).rounded() / 1000)" }
    let end = trial.diverged.map { "diverged at \($0)" } ?? losses.joined(separator: " ")
    return
      "\(changes.start)\(changes.draw) rate \(changes.rate) \(flags) [\(changes.steps)]: \(end)"
  }
}
