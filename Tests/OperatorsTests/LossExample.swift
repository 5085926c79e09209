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

  func evaluate(
    _ prediction: [Float], _ target: [Float], rows: (prediction: Int, target: Int)? = nil,
    scale: Float = 1, start: Float = .nan, adding: Bool = false, gradient: Bool = true
  ) throws -> LossResult {
    try LossResult(
      make(), with(sample.prediction, rows?.prediction), prediction,
      with(sample.target, rows?.target), target, weights: sample.classWeights, scale: scale,
      start: start, adding: adding, gradient: gradient)
  }

  private func with(_ dims: [Int], _ rows: Int?) -> [Int] {
    rows.map { [$0] + dims.dropFirst() } ?? dims
  }
}

/// What a loss gives.
struct LossResult {
  let sum: Double
  let normalizer: Double
  let gradient: [Float]

  init(
    _ loss: any Loss, _ predictionDims: [Int], _ prediction: [Float], _ targetDims: [Int],
    _ target: [Float], weights: [Double]? = nil, scale: Float = 1, start: Float = .nan,
    adding: Bool = false, gradient wanted: Bool = true
  ) throws {
    let memory = Memory()
    let p = try memory.tensor(predictionDims, prediction)
    let t = try memory.tensor(targetDims, target)
    let gradient = try memory.tensor(predictionDims, filled: start)
    var classWeights: Tensor?
    if let weights { classWeights = try memory.tensor([weights.count], weights.map(Float.init)) }
    _ = try loss.coupling(prediction: p.shape, target: t.shape)
    let step = LossStep(
      prediction: p, target: t, classWeights: classWeights, scale: scale,
      gradient: wanted ? gradient : nil, adding: adding)
    (sum, normalizer, self.gradient) = try withExtendedLifetime(memory) {
      (
        try loss.evaluate(step),
        loss.normalizer(prediction: p.shape, target: t, classWeights: classWeights),
        gradient.values
      )
    }
  }
}
