import ArgumentParser
import Commands

/// `defib inspect FILE…`: the same as `npyinspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: InspectorArguments.abstract,
    discussion: InspectorArguments.discussion)

  @OptionGroup var arguments: InspectorArguments

  func run() throws { try arguments.inspect(prefix: Failure.prefix) }
}
