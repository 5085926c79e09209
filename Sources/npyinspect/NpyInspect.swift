import ArgumentParser
import Commands
import Npy

/// The standalone inspector.
struct NpyInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "npyinspect", abstract: InspectorArguments.abstract,
    discussion: InspectorArguments.discussion, version: "\(Release.version)")

  @OptionGroup var arguments: InspectorArguments

  func run() throws { try arguments.inspect(prefix: "npyinspect: ") }
}
