import Tensors

/// How classes lie in the prediction and the targets of a classification loss: classes along axis 1
/// of the prediction, targets as indices in the shape without that axis, or as one probability a
/// class in the same shape. A position is one prediction: a sample, or a pixel of one.
struct ClassTargets {
  let classes: Int
  /// The distance between two classes of a position.
  let inner: Int
  let positions: Int
  /// Whether targets are class indices.
  let indexed: Bool
  private let ignoreIndex: Int?
  private let target: Tensor
  private let weights: Tensor?

  init(_ step: LossStep, ignoreIndex: Int?) throws(OperatorError) {
    let shape = step.prediction.shape
    _ = try Self.coupling(shape, step.target.shape)
    classes = shape[1]
    inner = shape.around(1).inner
    positions = shape[0] * inner
    indexed = step.target.shape != shape
    target = step.target
    weights = step.weights
    self.ignoreIndex = ignoreIndex
    if let weights, weights.count != classes {
      throw .shapes(found: "\(weights.count) class weights", expected: "\(classes)")
    }
  }

  static func coupling(
    _ prediction: Shape, _ target: Shape
  ) throws(OperatorError) -> LossCoupling {
    guard prediction.rank >= 2 else {
      throw .shapes(found: "a prediction of \(prediction)", expected: "classes along axis 1")
    }
    if prediction == target { return .none }
    var dims = prediction.dims
    dims.remove(at: 1)
    guard target.dims == dims else {
      throw .shapes(
        found: "targets of \(target) for a prediction of \(prediction)",
        expected: "class indices of \(try Shape.of(dims)), or one probability per class")
    }
    return .weighted
  }

  /// What a mean divides by: the weights of the true classes, or all positions when the targets are
  /// probabilities. A target that is no class adds nothing; `evaluate` reports it.
  static func normalizer(
    _ prediction: Shape, _ target: Tensor, weights: Tensor?, ignoreIndex: Int?
  ) -> Double {
    guard prediction.rank >= 2 else { return .nan }
    guard target.shape != prediction else {
      return Double(prediction[0] * prediction.around(1).inner)
    }
    let ignored = ignoreIndex.map { Float($0) }
    var total = 0.0
    for value in target.buffer where value != ignored {
      guard let weights else {
        total += 1
        continue
      }
      if let index = Int(exactly: value), (0..<weights.count).contains(index) {
        total += Double(weights.base[index])
      }
    }
    return total
  }

  /// The offset of class 0 of a position; the others follow in steps of `inner`.
  func start(_ position: Int) -> Int {
    inner == 1 ? position * classes : position / inner * inner * classes + position % inner
  }

  func weight(_ index: Int) -> Float { weights?.base[index] ?? 1 }

  /// The true class of a position; nil when it is ignored.
  ///
  /// - Throws: `OperatorError.target` when there is no such class.
  func index(_ position: Int) throws(OperatorError) -> Int? {
    let value = target.base[position]
    if let ignoreIndex, value == Float(ignoreIndex) { return nil }
    guard let index = Int(exactly: value), (0..<classes).contains(index) else {
      throw .target(
        sample: position / inner, found: "\(value)",
        expected: "a class index 0 to \(classes - 1)")
    }
    return index
  }
}
