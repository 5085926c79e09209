import Testing

@testable import Operators

/// An optimizer with settings that differ from the defaults.
struct OptimizerCase: Sendable, CustomTestStringConvertible {
  let kind: String
  var settings: [String: Double] = [:]

  var testDescription: String { "\(kind) \(settings.sorted { $0.key < $1.key })" }

  static let all: [OptimizerCase] =
    OptimizerRegistry.all.map { OptimizerCase(kind: $0.info.kind) } + [
      OptimizerCase(kind: "sgd", settings: ["momentum": 0.9]),
      OptimizerCase(kind: "sgd", settings: ["momentum": 0.9, "nesterov": 1]),
      OptimizerCase(kind: "sgd", settings: ["momentum": 0.5, "dampening": 0.3]),
      OptimizerCase(kind: "adam", settings: ["amsgrad": 1, "eps": 0.1]),
      OptimizerCase(kind: "adam", settings: ["epsilon_hat": 1, "eps": 0.1]),
      OptimizerCase(kind: "rmsprop", settings: ["momentum": 0.9, "eps": 0.1]),
      OptimizerCase(kind: "rmsprop", settings: ["centered": 1, "eps": 10]),
      OptimizerCase(kind: "rmsprop", settings: ["epsilon_inside": 1, "eps": 0.1]),
      OptimizerCase(kind: "adagrad", settings: ["initial_accumulator": 3, "eps": 0.1]),
      OptimizerCase(
        kind: "adagrad", settings: ["epsilon_inside": 1, "eps": 0.1, "lr_decay": 0.01]),
    ]

  func make(_ rate: Double = 1e-4) throws -> any Optimizer {
    var numbers = settings
    numbers["learning_rate"] = rate
    if kind == "adamw" { numbers["weight_decay"] = 0 }
    return try OptimizerRegistry.make(kind, numbers: numbers)
  }
}

extension Optimizer {
  /// One update of an array.
  func update(
    _ weights: [Float], _ gradient: [Float], _ state: inout OptimizerState
  ) throws -> [Float] {
    var weights = weights
    var span = weights.mutableSpan
    try step(&span, gradient: gradient.span, state: &state)
    return weights
  }
}

@Suite struct OptimizerTests {
  @Test(arguments: OptimizerGolden.all)
  func `updates are the framework's`(golden: OptimizerGolden) throws {
    let rows = try golden.rows()
    let optimizer = try OptimizerRegistry.make(golden.kind, numbers: golden.settings)
    var weights = rows[0].weights
    var state = optimizer.makeState(count: weights.count)
    for row in rows.dropFirst() {
      weights = try optimizer.update(weights, row.gradient, &state)
      #expect(distance(weights, row.weights) < 1e-6, "update \(state.updates)")
    }
  }

  @Test func `there are goldens of every optimizer`() {
    #expect(Set(OptimizerGolden.all.map(\.kind)) == Set(OptimizerRegistry.all.map { $0.info.kind }))
    #expect(OptimizerGolden.all.count > 30)
  }

  /// A gradient that lasts: each step is the factor times the effective step times the gradient.
  @Test(arguments: OptimizerCase.all)
  func `the factor is that of a settled optimizer`(example: OptimizerCase) throws {
    let optimizer = try example.make()
    let gradient: [Float] = [0.5, -2, 0.03]
    var weights: [Float] = [0, 0, 0]
    var state = optimizer.makeState(count: 3)
    var step: [Double] = []
    for _ in 0..<8000 {
      weights = try optimizer.update([0, 0, 0], gradient, &state)
      step = weights.map(Double.init)
    }
    let squares = gradient.map { Double($0) * Double($0) }
    let factors = optimizer.preconditioner(
      secondMoment: squares, mean: gradient.map(Double.init), updates: state.updates)
    for i in gradient.indices {
      let expected = -optimizer.effectiveStep * factors[i] * Double(gradient[i])
      #expect(abs(step[i] / expected - 1) < 2e-3, "element \(i)")
    }
  }

  /// Every element is updated by itself, wherever it lies.
  @Test(arguments: OptimizerCase.all)
  func `lengths do not matter`(example: OptimizerCase) throws {
    let optimizer = try example.make(0.1)
    var numbers = Numbers(1)
    let start = numbers.draw(37, from: -1...1)
    let gradients = (0..<3).map { _ in numbers.draw(37, from: -1...1) }
    func run(_ part: Range<Int>) throws -> [Float] {
      var weights = Array(start[part])
      var state = optimizer.makeState(count: part.count)
      for gradient in gradients {
        weights = try optimizer.update(weights, Array(gradient[part]), &state)
      }
      return weights
    }
    let whole = try run(0..<37)
    #expect(try run(0..<5) + run(5..<5) + run(5..<22) + run(22..<37) == whole)
  }

  @Test(arguments: OptimizerCase.all)
  func `states and lengths that differ are refused`(example: OptimizerCase) throws {
    let optimizer = try example.make()
    var state = optimizer.makeState(count: 2)
    #expect(throws: OperatorError.self) { try optimizer.update([1, 2, 3], [1, 2, 3], &state) }
    #expect(throws: OperatorError.self) { try optimizer.update([1, 2], [1], &state) }
    #expect(state.updates <= 1)
    var none = optimizer.makeState(count: -3)
    #expect(try optimizer.update([], [], &none).isEmpty)
    let extreme: [Float] = [.nan, .infinity, -.infinity, 1e38, 0, .leastNonzeroMagnitude]
    var other = optimizer.makeState(count: extreme.count)
    for _ in 0..<3 { _ = try optimizer.update(extreme, extreme.reversed(), &other) }
    _ = optimizer.preconditioner(secondMoment: [-1, .nan, .infinity, 0], mean: [1], updates: -5)
  }

  @Test(arguments: OptimizerRegistry.all.indices)
  func `wrong settings are refused`(index: Int) {
    let info = OptimizerRegistry.all[index].info
    let known = info.settings.map(\.name)
    let base: [String: AttributeValue] = ["learning_rate": .float(0.1)]
    #expect(throws: OperatorError.unknownAttribute("nonsense", known: known)) {
      try OptimizerRegistry.make(info.kind, base.merging(["nonsense": .int(1)]) { $1 })
    }
    #expect(throws: OperatorError.self) { try OptimizerRegistry.make(info.kind, [:]) }
    for name in known {
      for wrong in [AttributeValue.string("?"), .float(.nan), .int(-1)] where name != "dampening" {
        #expect(throws: OperatorError.self, "\(name) \(wrong)") {
          try OptimizerRegistry.make(info.kind, base.merging([name: wrong]) { $1 })
        }
      }
    }
  }

  @Test(
    arguments: [
      ("sgd", ["momentum": 0.9, "nesterov": 1, "dampening": 0.1]), ("adam", ["beta1": 1]),
      ("adamw", ["beta2": -0.1]), ("sgd", ["nesterov": 2]), ("adam", ["momentum": 0.9]),
      ("lion", [:]), ("sgd", ["learning_rate": .infinity]),
    ] as [(String, [String: Double])])
  func `settings out of range are refused`(kind: String, numbers: [String: Double]) {
    #expect(throws: OperatorError.self) {
      try OptimizerRegistry.make(kind, numbers: ["learning_rate": 0.1].merging(numbers) { $1 })
    }
  }

  @Test func `a schedule changes the rate between updates`() throws {
    var optimizer = try OptimizerRegistry.make("sgd", numbers: ["learning_rate": 1])
    var state = optimizer.makeState(count: 1)
    #expect(try optimizer.update([1], [1], &state) == [0])
    optimizer.learningRate = 0.25
    #expect(try optimizer.update([1], [1], &state) == [0.75])
  }
}
