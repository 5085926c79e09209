import ArgumentParser

/// `devtool new-op NAME`
struct NewOp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-op",
    abstract:
      "Writes Sources/Operators/TOPIC/NAME.swift, an operator that compiles, and registers it.")

  @Argument(help: "The ONNX name, such as HardSwish.")
  var name: String

  @Option(help: "The folder below Sources/Operators.")
  var topic = "Elementwise"

  func run() throws {
    guard name.wholeMatch(of: /[A-Z][A-Za-z0-9]*/) != nil else {
      throw ValidationError("\"\(name)\" is no operator name: expected one like HardSwish")
    }
    let repository = try Repository()
    let topics = try Self.topics(of: repository)
    guard topics.contains(topic) else {
      throw ValidationError(
        "\"\(topic)\" is no topic: expected one of \(topics.joined(separator: ", "))")
    }
    try repository.create(
      "Sources/Operators/\(topic)/\(name).swift", Self.template(name, topic: topic))
    try Register.write(repository)
    print(
      """
      Next: give it its formula and state its facts (OperatorFact.swift lists them), then run
      `swift test --filter OperatorsTests` and `swift run devtool docs`.
      """)
  }

  /// The folders that hold operators.
  static func topics(of repository: Repository) throws -> [String] {
    let others: Set = ["Contract", "Losses", "Optimizers"]
    return try repository.folders(in: "Sources/Operators").filter { !others.contains($0) }
  }

  /// A file that compiles and passes the gradient check: a sum for a function of two operands, and
  /// otherwise the identity.
  static func template(_ name: String, topic: String) -> String {
    topic == "Binary" ? binary(name) : unary(name)
  }

  private static func unary(_ name: String) -> String {
    """
    import Tensors

    /// What \(name) computes, and at which points frameworks had to choose a slope.
    struct \(name): Elementwise {
      static let info = OperatorInfo(
        name: "\(name)", summary: "One sentence for the docs.", formula: "y = x", inputs: 1...1,
        facts: [.affine, .passesValues, .passesIds],
        samples: [GradientSample([[3, 5]]), GradientSample([[0, 4]])])

      init(_ attributes: Attributes) {}

      @inline(__always) func value(_ x: Vector) -> Vector { x }

      @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { Vector(repeating: 1) }
    }

    """
  }

  private static func binary(_ name: String) -> String {
    """
    import Tensors

    /// What \(name) computes, and at which points frameworks had to choose a slope.
    struct \(name): DifferentiablePairwise {
      static let info = OperatorInfo(
        name: "\(name)", summary: "One sentence for the docs.", formula: "y = a + b", inputs: 2...2,
        facts: [.affine, .adds], samples: pairSamples)

      init(_ attributes: Attributes) {}

      @inline(__always) func value(_ a: Vector, _ b: Vector) -> Vector { a + b }

      func exact(_ a: Double, _ b: Double) -> Double { a + b }

      @inline(__always)
      func left(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { dy }

      @inline(__always)
      func right(_ a: Vector, _ b: Vector, _ y: Vector, _ dy: Vector) -> Vector { dy }
    }

    """
  }
}
