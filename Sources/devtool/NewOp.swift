import ArgumentParser

/// `devtool new-op NAME`
struct NewOp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-op",
    abstract: "Writes Sources/Operators/NAME.swift, an element-wise operator, and registers it.")

  @Argument(help: "The ONNX name, such as HardSwish.")
  var name: String

  func run() throws {
    guard name.wholeMatch(of: /[A-Z][A-Za-z0-9]*/) != nil else {
      throw ValidationError("\"\(name)\" is no operator name: expected one like HardSwish")
    }
    let repository = try Repository()
    try repository.create("Sources/Operators/\(name).swift", Self.template(name))
    try Register.write(repository)
    print(
      "Next: give it its formula, then run `swift test --filter OperatorsTests` and `devtool docs`."
    )
  }

  /// A file that compiles and passes the gradient check: the identity.
  static func template(_ name: String) -> String {
    """
    import Tensors

    /// What \(name) computes, and at which points frameworks had to choose a slope.
    struct \(name): Elementwise {
      static let info = OperatorInfo(
        name: "\(name)", summary: "One sentence for the docs.", formula: "y = x", inputs: 1...1,
        samples: [GradientSample([[3, 5]]), GradientSample([[0, 4]])])

      init(_ attributes: Attributes) {}

      @inline(__always) func value(_ x: Vector) -> Vector { x }

      @inline(__always) func slope(_ x: Vector, _ y: Vector) -> Vector { Vector(repeating: 1) }
    }

    """
  }
}
