import ArgumentParser

/// `devtool docs`
struct Docs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Writes docs/operators.md, losses.md, optimizers.md, rules/ and the table in diagnosis.md.")

  @OptionGroup var options: CheckOptions

  func run() throws {
    let repository = try options.repository()
    let pages =
      [
        ("docs/operators.md", OperatorsPage.text), ("docs/losses.md", LossesPage.text),
        ("docs/optimizers.md", OptimizersPage.text),
      ]
      + RulesPages.all + [try LimitsTable.page(repository)]
    try options.apply(pages, to: repository, command: "docs")
  }
}
