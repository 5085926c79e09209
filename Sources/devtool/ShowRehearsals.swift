import ArgumentParser
import Diagnosis
import Replay

/// Prints every rehearsal of a run's training: what rules about settings decide by.
struct ShowRehearsals: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearsals", abstract: "Prints the rehearsals of a run's training.")

  @Argument(help: "The folder of the run.")
  var folder: String

  func run() throws {
    let exam = try Check().examine(try Run(folder: folder), Progress())
    if let standing = exam.standing {
      print("standing: \(standing.current) now, \(standing.initial ?? .nan) before")
    }
    switch exam.rehearsed {
    case .not(let reason): print("none: \(reason)")
    case .done(let all):
      print(
        "\(all.steps) updates, judged by \(all.judged) rows; the training took "
          + "\(all.trainedSteps ?? -1) and ended at \(all.end ?? .nan)")
      for rehearsal in all.all { print(Self.line(rehearsal)) }
    }
  }

  private static func line(_ rehearsal: Rehearsal) -> String {
    let script = rehearsal.script
    let flags = [
      (script.scaledInputs, "inputs"), (script.scaledTargets, "targets"),
      (!script.penalized, "unpenalized"), (script.averaged, "averaged"),
    ].filter(\.0).map(\.1).joined(separator: ",")
    let losses = rehearsal.losses.map { "\(($0 * 1000).rounded() / 1000)" }
    let end = rehearsal.diverged.map { "diverged at \($0)" } ?? losses.joined(separator: " ")
    return "\(script.start)\(script.draw) rate \(script.rate) \(flags) [\(script.steps)]: \(end)"
  }
}
