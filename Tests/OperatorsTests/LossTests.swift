import Tensors
import Testing

@testable import Operators

@Suite struct LossTests {
  /// The slope against central differences, extrapolated as in `GradientTests`. The sum of a sample
  /// is of order 10 in float32: an error of 1e-6 in it becomes 1e-4 in a difference.
  @Test(arguments: LossExample.all)
  func `the gradient is the derivative`(example: LossExample) throws {
    let (prediction, target) = try example.data()
    let found = try example.evaluate(prediction, target)
    #expect(found.sum.isFinite)
    try check(found.gradient, at: prediction) { values in
      try example.evaluate(values, target, gradient: false).sum
    }
    guard let second = example.second else { return }
    try check(found.secondGradient, at: second) { values in
      try example.evaluate(prediction, target, second: values, gradient: false).sum
    }
  }

  private func check(
    _ gradient: [Float], at point: [Float], _ sum: ([Float]) throws -> Double
  ) throws {
    for i in point.indices {
      func difference(_ h: Float) throws -> Double {
        var (above, below) = (point, point)
        above[i] += h
        below[i] -= h
        return (try sum(above) - sum(below)) / (Double(above[i]) - Double(below[i]))
      }
      let expected = (4 * (try difference(1 / 64)) - (try difference(1 / 32))) / 3
      let error = abs(expected - Double(gradient[i]))
      #expect(error < 2e-3 * max(1, abs(expected)), "element \(i)")
    }
  }

  @Test(arguments: LossExample.all)
  func `gradients are written, scaled or added`(example: LossExample) throws {
    let (prediction, target) = try example.data()
    let plain = try example.evaluate(prediction, target)
    #expect(try example.evaluate(prediction, target, gradient: false).sum == plain.sum)
    let scaled = try example.evaluate(prediction, target, scale: -0.25)
    #expect(scaled.sum == plain.sum)
    #expect(distance(scaled.gradient, plain.gradient.map { $0 * -0.25 }) < 1e-6)
    let added = try example.evaluate(prediction, target, start: 2, adding: true)
    #expect(distance(added.gradient, plain.gradient.map { $0 + 2 }) < 1e-6)
    #expect(distance(scaled.secondGradient, plain.secondGradient.map { $0 * -0.25 }) < 1e-6)
    #expect(distance(added.secondGradient, plain.secondGradient.map { $0 + 2 }) < 1e-6)
  }

  /// Each sample's terms times its weight; a weight of 0 leaves a sample out.
  @Test(arguments: LossExample.all)
  func `samples have weights`(example: LossExample) throws {
    let sample = example.sample
    let coupling = try example.make().coupling(
      prediction: Shape(sample.prediction), target: Shape(sample.target))
    guard coupling != .mixed else { return }
    let (prediction, target) = try example.data()
    let rows = sample.prediction[0]
    let weights = (0..<rows).map { [0.5, 2, 2, 0][$0 % 4] as Float }
    let found = try example.evaluate(prediction, target, sampleWeights: weights)
    var (sum, normalizer) = (0.0, 0.0)
    var gradient: [Float] = []
    for row in 0..<rows {
      let one = try example.evaluate(prediction, target, rows: row..<(row + 1))
      sum += Double(weights[row]) * one.sum
      normalizer += Double(weights[row]) * one.normalizer
      gradient += one.gradient.map { $0 * weights[row] }
    }
    #expect(abs(found.sum - sum) < 1e-6 * max(1, abs(sum)))
    #expect(abs(found.normalizer - normalizer) < 1e-9)
    #expect(distance(found.gradient, gradient) < 1e-6)
    let even = try example.evaluate(
      prediction, target, sampleWeights: [Float](repeating: 1, count: rows))
    let plain = try example.evaluate(prediction, target)
    #expect(even.sum == plain.sum)
    #expect(even.gradient == plain.gradient)
    #expect(even.secondGradient == plain.secondGradient)
  }

  /// Losses whose terms belong to samples are sums over pieces of a batch.
  @Test(arguments: LossExample.all)
  func `pieces of a batch add up`(example: LossExample) throws {
    let sample = example.sample
    let loss = try example.make()
    let coupling = try loss.coupling(
      prediction: Shape(sample.prediction), target: Shape(sample.target))
    guard coupling != .mixed else { return }
    let (prediction, target) = try example.data()
    let whole = try example.evaluate(prediction, target)
    let rows = sample.prediction[0]
    func piece(_ part: Range<Int>) throws -> LossResult {
      try example.evaluate(prediction, target, rows: part)
    }
    for cut in 0...rows {
      let parts = [try piece(0..<cut), try piece(cut..<rows)]
      let sum = parts[0].sum + parts[1].sum
      #expect(abs(sum - whole.sum) < 1e-6 * max(1, abs(whole.sum)))
      #expect(abs(parts[0].normalizer + parts[1].normalizer - whole.normalizer) < 1e-9)
      #expect(distance(parts[0].gradient + parts[1].gradient, whole.gradient) < 1e-6)
      if (sample.second?.shape.first ?? 0) == rows {
        let second = parts[0].secondGradient + parts[1].secondGradient
        #expect(distance(second, whole.secondGradient) < 1e-6)
      }
    }
    if coupling == .none {
      #expect(abs(whole.normalizer / Double(rows) - (try piece(0..<1).normalizer)) < 1e-9)
    }
  }

  @Test(arguments: LossRegistry.all.indices)
  func `any shapes and values are refused or evaluated`(index: Int) throws {
    let info = LossRegistry.all[index].info
    let odd: [Float] = [.infinity, -.infinity, .nan, 0, 1, -1, 1e30, .leastNonzeroMagnitude, 2]
    var numbers = Numbers(index)
    for sample in info.samples {
      for _ in 0..<200 {
        let dims = (0..<2).map { _ in
          (0..<Int.random(in: 0...3, using: &numbers)).map { _ in
            Int.random(in: 0...3, using: &numbers)
          }
        }
        let target = Bool.random(using: &numbers) ? dims[0] : dims[1]
        let values = [dims[0], target].map { dims in
          (0..<dims.reduce(1, *)).map { _ in odd[Int.random(in: 0..<odd.count, using: &numbers)] }
        }
        do {
          var inputs = LossInputs(prediction: (dims[0], values[0]), target: (target, values[1]))
          inputs.weights = sample.weights.map { ($0.shape, $0.values.map(Float.init)) }
          if info.second != nil {
            let shape = Bool.random(using: &numbers) ? dims[0] : dims[1]
            inputs.second = (shape, [Float](repeating: -1, count: shape.reduce(1, *)))
          }
          if Bool.random(using: &numbers), let rows = dims[0].first {
            inputs.sampleWeights = [Float](repeating: 0.5, count: rows)
          }
          _ = try LossResult(LossRegistry.make(info.kind, sample.settings), inputs)
        } catch let error as OperatorError {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  @Test(arguments: LossRegistry.all.indices)
  func `wrong settings are refused`(index: Int) {
    let info = LossRegistry.all[index].info
    let known = info.settings.map(\.name)
    let all = info.allSettings.map(\.name)
    #expect(throws: OperatorError.unknownAttribute("nonsense", known: all)) {
      try LossRegistry.make(info.kind, ["nonsense": .int(1)])
    }
    for name in known {
      #expect(throws: OperatorError.self) {
        try LossRegistry.make(info.kind, [name: .string("?")])
      }
    }
  }

  @Test(arguments: [
    ("smooth-l1", "beta", -1), ("huber", "delta", 0), ("bce", "clip", 0.5),
    ("cross-entropy", "label_smoothing", 1.5), ("cross-entropy", "label_smoothing", -0.1),
    ("nll", "ignore_index", 0.5), ("poisson-nll", "eps", -1), ("poisson-nll", "log_input", 2),
    ("gaussian-nll", "eps", 0), ("kl-div", "clip", 1), ("quantile", "quantile", 1.5),
    ("categorical-cross-entropy", "clip", -100), ("bce", "label_smoothing", 2),
    ("bce-with-logits", "label_smoothing", -1), ("epsilon-insensitive", "epsilon", -1),
  ])
  func `settings out of range are refused`(kind: String, name: String, value: Double) {
    #expect(throws: OperatorError.self) { try LossRegistry.make(kind, [name: .float(value)]) }
  }

  @Test func `an unknown loss is refused`() {
    let known = LossRegistry.all.map { $0.info.kind }
    #expect(Set(known).count == known.count)
    #expect(throws: OperatorError.unknownLoss("triplet", known: known)) {
      try LossRegistry.make("triplet", [:])
    }
  }

  @Test(
    arguments: [
      ("mse", [3, 2], [3], nil), ("l1", [4, 2], [4, 2], LossCoupling.none),
      ("mse", [4, 1], [4], .mixed), ("huber", [4], [4, 1], .mixed),
      ("mse", [4, 3], [4, 1], LossCoupling.none), ("mse", [4, 3], [3], .mixed),
      ("bce", [4, 1], [4], nil), ("bce-with-logits", [4, 1], [4, 1], LossCoupling.none),
      ("cross-entropy", [4, 3], [4], .weighted),
      ("cross-entropy", [4, 3], [4, 3], LossCoupling.none),
      ("cross-entropy", [4, 3], [4, 1], nil), ("cross-entropy", [3], [], nil),
      ("cross-entropy", [4, 3, 2], [4, 2], .weighted), ("nll", [4, 3], [4], .weighted),
      ("nll", [4, 3], [4, 3], nil), ("categorical-cross-entropy", [4, 3], [4], .weighted),
      ("gaussian-nll", [4, 1], [4], .mixed), ("kl-div", [4, 3], [4, 3], LossCoupling.none),
    ] as [(String, [Int], [Int], LossCoupling?)])
  func `how samples meet`(
    kind: String, prediction: [Int], target: [Int], coupling: LossCoupling?
  ) throws {
    let loss = try LossRegistry.make(kind, [:])
    let shapes = (try Shape(prediction), try Shape(target))
    if let coupling {
      #expect(try loss.coupling(prediction: shapes.0, target: shapes.1) == coupling)
    } else {
      #expect(throws: OperatorError.self) {
        try loss.coupling(prediction: shapes.0, target: shapes.1)
      }
    }
  }

  @Test(arguments: [
    ("cross-entropy", 3), ("cross-entropy", -1), ("nll", 0.5), ("nll", .nan),
    ("categorical-cross-entropy", 3),
  ])
  func `targets that are no class are reported`(kind: String, target: Float) throws {
    let loss = try LossRegistry.make(kind, [:])
    #expect(
      throws: OperatorError.target(
        sample: 1, found: "\(target)", expected: "a class index 0 to 2")
    ) {
      try LossResult(loss, [2, 3], [0, 0, 0, 0, 0, 0], [2], [0, target])
    }
    #expect(throws: OperatorError.self) {
      try LossResult(loss, [1, 3], [0, 0, 0], [1], [0], weights: [1, 2])
    }
  }
}
