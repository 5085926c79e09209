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
  var format = CheckCommand.Format.text

  @Flag(name: .customLong("no-color"), help: "Show no colours, even on a terminal.")
  var noColor = false

  func validate() throws {
    guard let id, RuleRegistry.rule(id) == nil else { return }
    throw ValidationError("There is no rule '\(id)'. 'defib rules' lists them all.")
  }

  func run() throws {
    let console = Console(descriptor: 1, color: !noColor)
    let page = CatalogueText(color: console.hasColor, width: console.width)
    let text =
      switch (id.flatMap(RuleRegistry.rule), format) {
      case (let rule?, .text): page.page(rule.info)
      case (let rule?, .json): CatalogueJSON.text(of: rule.info)
      case (nil, .text): page.list(RuleRegistry.all.map { $0.info })
      case (nil, .json): CatalogueJSON.text
      }
    try Failure.write(text)
  }
}
