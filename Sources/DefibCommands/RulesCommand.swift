import ArgumentParser
import Commands
import Diagnosis
import Reports

/// `defib rules [ID]`.
struct RulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "List the faults that Defib knows, or explain one of them.")

  @Argument(help: "The rule to explain; all are listed when none is named.")
  var id: String?

  @Option(help: "How to show the rules.")
  var format = CatalogueFormat.text

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  func validate() throws {
    guard let id, RuleRegistry.rule(id) == nil else { return }
    let meant = Suggestion.sentence(id, among: RuleRegistry.all.map { "\($0.info.id)" })
    throw ValidationError("There is no rule '\(id)'. 'defib rules' lists them all.\(meant)")
  }

  func run() throws {
    let console = Console.output
    let (color, width) = (!noColor && console.hasColor, console.width)
    let rule = id.flatMap(RuleRegistry.rule)
    try Failure.write(
      rule.map { format.page($0.info, color: color, width: width) }
        ?? format.list(color: color, width: width))
  }
}

extension CatalogueFormat: ExpressibleByArgument {}
