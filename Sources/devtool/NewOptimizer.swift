import ArgumentParser

/// `devtool new-optimizer NAME`
struct NewOptimizer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-optimizer",
    abstract: "Writes Sources/Operators/Optimizers/NAME.swift, and registers it.")

  @Argument(help: "The name of the type, such as Lion; the kind in run.json is that in lowercase.")
  var name: String

  func run() throws {
    guard name.wholeMatch(of: /[A-Z][A-Za-z0-9]*/) != nil else {
      throw ValidationError("\"\(name)\" is no name of a type: expected one like Lion")
    }
    let repository = try Repository()
    try repository.create(
      "Sources/Operators/Optimizers/\(name).swift", Self.template(name, name.lowercased()))
    try Register.write(repository)
    print(
      """
      Next: give it its rule, add its settings to OptimizerSettings and docs/run.schema.json and its
      cases to scripts/goldens_optimizers.py, then run `swift test --filter OperatorsTests` and
      `devtool docs`.
      """)
  }

  /// A file that compiles and passes the suite: plain gradient descent.
  static func template(_ name: String, _ kind: String) -> String {
    """
    import Tensors

    /// What \(name) does differently, and where it was published.
    struct \(name): Optimizer {
      static let info = OptimizerInfo(
        kind: "\(kind)", summary: "One sentence for the docs.", formula: "w ← w − η g",
        factor: "1", settings: [.learningRate, .weightDecay("0"), .decoupled])

      var learningRate: Double
      let decay: WeightDecay

      init(_ settings: Attributes) throws(OperatorError) {
        learningRate = try settings.learningRate()
        decay = try WeightDecay(settings)
      }

      var initialState: [Float] { [] }

      func rule(update: Int) -> Rule {
        Rule(rate: Float(learningRate), decay: decay.terms(learningRate))
      }

      func factor(secondMoment: Double, mean: Double, updates: Int) -> Double { 1 }

      var effectiveStep: Double { learningRate }

      struct Rule: UpdateRule {
        let rate: Float
        let decay: WeightDecay.Terms

        @inline(__always)
        func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors) {
          weights -= rate * decay.apply(&weights, gradient)
        }
      }
    }

    """
  }
}
