import ArgumentParser
import Npy
import Reports

/// The command line of Defib. One file a command.
struct Defib: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "defib",
    abstract: "Find out why a neural network flatlined.",
    discussion: """
      A training script exports its run: weights, data and settings. 'defib check' replays it and \
      names the cause of what is wrong with it.
      """,
    version: "defib \(Release.version)",
    subcommands: [CheckCommand.self, ReviveCommand.self, RulesCommand.self, InspectCommand.self])
}
