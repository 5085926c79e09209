import Tensors

/// A loss with one term for every pair of elements of prediction and target that meet.
protocol PairedLoss: Loss {
  /// Whether the framework refuses shapes that differ instead of broadcasting them.
  static var sameShape: Bool { get }
}

extension PairedLoss {
  static var sameShape: Bool { false }

  func coupling(prediction: Shape, target: Shape) throws(OperatorError) -> LossCoupling {
    if prediction == target { return .none }
    guard !Self.sameShape, let common = Broadcast(prediction, target) else {
      throw .shapes(
        found: "a prediction of \(prediction) with targets of \(target)",
        expected: Self.sameShape ? "the same shape" : "shapes that broadcast")
    }
    let aligned =
      prediction.rank == target.rank && prediction.rank > 0 && prediction[0] == target[0]
    return aligned && common.shape[0] == prediction[0] ? .none : .mixed
  }

  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double {
    Double(Broadcast(prediction, target.shape)?.shape.count ?? 0)
  }
}
