import ArgumentParser
import Commands

/// The standalone inspector.
struct NpyInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "npyinspect", abstract: InspectorArguments.abstract,
    discussion: InspectorArguments.discussion, version: "0.1.0")

  @OptionGroup var arguments: InspectorArguments

  func run() throws { try arguments.inspect(prefix: "npyinspect: ") }
}
