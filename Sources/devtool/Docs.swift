import ArgumentParser

/// `devtool docs`
struct Docs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes docs/operators.md, losses.md, optimizers.md and rules/ from the registries.")

  @OptionGroup var options: CheckOptions

  func run() throws {
    let pages =
      [
        ("docs/operators.md", OperatorsPage.text), ("docs/losses.md", LossesPage.text),
        ("docs/optimizers.md", OptimizersPage.text),
      ]
      + RulesPages.all
    try options.apply(pages, to: try options.repository(), command: "docs")
  }
}
