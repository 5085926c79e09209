import ArgumentParser

/// `devtool new-loss KIND`
struct NewLoss: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-loss",
    abstract: "Writes Sources/Operators/Losses/KIND.swift, an element-wise loss, and registers it.")

  @Argument(help: "The kind in run.json, such as log-cosh; the type is named after it.")
  var kind: String

  func run() throws {
    guard kind.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil else {
      throw ValidationError("\"\(kind)\" is no kind of loss: expected one like log-cosh")
    }
    let name = kind.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined()
    let repository = try Repository()
    try repository.create("Sources/Operators/Losses/\(name).swift", Self.template(name, kind))
    try Register.write(repository)
    print(
      "Next: give it its formula, then run `swift test --filter OperatorsTests` and `devtool docs`."
    )
  }

  /// A file that compiles and passes the gradient check: half the squared error.
  static func template(_ name: String, _ kind: String) -> String {
    """
    import Tensors

    /// What \(name) measures, and where its slope jumps.
    struct \(name): ElementwiseLoss {
      static let info = LossInfo(
        kind: "\(kind)", summary: "One sentence for the docs.", formula: "(p − t)² / 2",
        head: .values, targets: .values,
        samples: [LossSample([4, 3], [4, 3]), LossSample([5, 1], [5])])

      init(_ settings: Attributes) {}

      @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector { 0.5 * (p - t) * (p - t) }

      @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector { p - t }
    }

    """
  }
}
