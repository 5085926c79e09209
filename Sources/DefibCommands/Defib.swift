import ArgumentParser
import Commands
import Npy
import Reports

/// The command line of Defib. One file a command.
public struct Defib: ParsableCommand {
  /// Its name, its help and its commands.
  public static let configuration = CommandConfiguration(
    commandName: "defib",
    abstract: "Find out why a neural network flatlined.",
    discussion: """
      A training script exports its run: weights, data and settings. 'defib check' replays it and \
      names the cause of what is wrong with it.
      """,
    version: "defib \(Release.version)",
    subcommands: [CheckCommand.self, ReviveCommand.self, RulesCommand.self, InspectCommand.self])

  /// The arguments, before any is read.
  public init() {}
}

extension Defib: ChoosingCommand {
  /// Every command has a name.
  public static var takesFiles: Bool { false }

  /// `defib inspect diff` is a command of the inspector.
  public static func choose(
    _ arguments: [String]
  ) -> (command: any ParsableCommand.Type, arguments: [String])? {
    guard arguments.first == InspectingDefib.commandName else { return nil }
    return InspectCommand.choose(Array(arguments.dropFirst()))
  }
}
