import Tensors
import Testing

@testable import Operators

/// A sample of a loss.
struct LossExample: Sendable, CustomTestStringConvertible {
  let type: any Loss.Type
  let index: Int

  static let all = LossRegistry.all.flatMap { type in
    type.info.samples.indices.map { LossExample(type: type, index: $0) }
  }

  var sample: LossSample { type.info.samples[index] }
  var testDescription: String { "\(type.info.kind) \(sample.prediction) \(sample.settings)" }

  func make() throws -> any Loss { try LossRegistry.make(type.info.kind, sample.settings) }

  /// Predictions and targets, element against element away from the kinks of their differences.
  func data() throws -> (prediction: [Float], target: [Float]) {
    var numbers = Numbers(index + 1)
    let target: [Float]
    let count = sample.target.reduce(1, *)
    if let classes = sample.classes {
      target = (0..<count).map { _ in Float(Int.random(in: 0..<classes, using: &numbers)) }
    } else if let levels = sample.levels {
      target = (0..<count).map { _ in Float(levels.randomElement(using: &numbers) ?? 0) }
    } else {
      target = numbers.draw(count, from: sample.targets)
    }
    let common = Broadcast(try Shape(sample.prediction), try Shape(sample.target))
    while true {
      let prediction = numbers.draw(sample.prediction.reduce(1, *), from: sample.range)
      var near = false
      common?.forEachRow { _, left, right in
        for i in 0..<(common?.shape.dims.last ?? 1) {
          let p = prediction[left + i * (common?.innerSteps.left ?? 0)]
          let t = target[right + i * (common?.innerSteps.right ?? 0)]
          if sample.kinks.contains(where: { abs(Double(p - t) - $0) < 0.05 }) { near = true }
        }
      }
      if !near { return (prediction, target) }
    }
  }

  /// The values of the second tensor.
  var second: [Float]? { sample.second.map(values) }

  func evaluate(
    _ prediction: [Float], _ target: [Float], rows: Range<Int>? = nil, second: [Float]? = nil,
    sampleWeights: [Float]? = nil, scale: Float = 1, start: Float = .nan, adding: Bool = false,
    gradient: Bool = true
  ) throws -> LossResult {
    var inputs = LossInputs(
      prediction: part(sample.prediction, prediction, rows),
      target: part(sample.target, target, rows))
    inputs.weights = sample.weights.map { ($0.shape, values($0)) }
    if let operand = sample.second {
      let all = second ?? values(operand)
      inputs.second = all.count == 1 ? (operand.shape, all) : part(operand.shape, all, rows)
    }
    inputs.sampleWeights = sampleWeights
    inputs.scale = scale
    inputs.start = start
    inputs.adding = adding
    inputs.wantsGradient = gradient
    return try LossResult(make(), inputs)
  }

  private func values(_ operand: LossSample.Operand) -> [Float] {
    (0..<operand.shape.reduce(1, *)).map { Float(operand.values[$0 % operand.values.count]) }
  }

  private func part(_ dims: [Int], _ values: [Float], _ rows: Range<Int>?) -> ([Int], [Float]) {
    guard let rows, let count = dims.first else { return (dims, values) }
    let width = values.count / max(1, count)
    return (
      [rows.count] + dims.dropFirst(),
      Array(values[(rows.lowerBound * width)..<(rows.upperBound * width)])
    )
  }
}

/// What a loss is evaluated on.
struct LossInputs {
  var prediction: (dims: [Int], values: [Float])
  var target: (dims: [Int], values: [Float])
  var weights: (dims: [Int], values: [Float])?
  var second: (dims: [Int], values: [Float])?
  var sampleWeights: [Float]?
  var scale: Float = 1
  /// What the gradients hold before.
  var start: Float = .nan
  var adding = false
  var wantsGradient = true
}

/// What a loss gives.
struct LossResult {
  let sum: Double
  let normalizer: Double
  let gradient: [Float]
  let secondGradient: [Float]

  init(_ loss: any Loss, _ inputs: LossInputs) throws {
    let memory = Memory()
    func tensor(_ operand: (dims: [Int], values: [Float])?) throws -> Tensor? {
      try operand.map { try memory.tensor($0.dims, $0.values) }
    }
    let p = try memory.tensor(inputs.prediction.dims, inputs.prediction.values)
    let t = try memory.tensor(inputs.target.dims, inputs.target.values)
    let (weights, second) = (try tensor(inputs.weights), try tensor(inputs.second))
    let gradient = try memory.tensor(inputs.prediction.dims, filled: inputs.start)
    let other = try inputs.second.map { try memory.tensor($0.dims, filled: inputs.start) }
    _ = try loss.coupling(
      prediction: p.shape, target: t.shape, others: second.map { [$0.shape] } ?? [])
    let beside = second.map {
      LossStep.Other(
        $0, gradient: inputs.wantsGradient ? other : nil, adding: inputs.adding)
    }
    let step = LossStep(
      prediction: p, target: t, weights: weights, others: beside.map { [$0] } ?? [],
      scale: inputs.scale, gradient: inputs.wantsGradient ? gradient : nil, adding: inputs.adding)
    let samples = try tensor(inputs.sampleWeights.map { ([$0.count], $0) })
    (sum, normalizer, self.gradient, secondGradient) = try withExtendedLifetime(memory) {
      (
        try loss.evaluate(step, sampleWeights: samples),
        try samples.map {
          try loss.normalizer(
            prediction: p.shape, target: t, weights: weights, sampleWeights: $0)
        } ?? loss.normalizer(prediction: p.shape, target: t, weights: weights),
        gradient.values, other?.values ?? []
      )
    }
  }

  init(
    _ loss: any Loss, _ predictionDims: [Int], _ prediction: [Float], _ targetDims: [Int],
    _ target: [Float], weights: [Double]? = nil, scale: Float = 1
  ) throws {
    var inputs = LossInputs(
      prediction: (predictionDims, prediction), target: (targetDims, target))
    inputs.weights = weights.map { ([$0.count], $0.map(Float.init)) }
    inputs.scale = scale
    try self.init(loss, inputs)
  }
}
