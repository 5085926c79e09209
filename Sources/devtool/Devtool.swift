import ArgumentParser

/// The tool that maintains this repository: it writes new files after the house pattern and keeps
/// the generated ones fresh. It is not shipped.
@main
struct Devtool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devtool",
    abstract: "Scaffolds operators, losses, optimizers and rules, and writes the generated files.",
    subcommands: [
      NewOp.self, NewLoss.self, NewOptimizer.self, NewRule.self, Register.self, Docs.self,
      ShowTrials.self,
    ])
}
