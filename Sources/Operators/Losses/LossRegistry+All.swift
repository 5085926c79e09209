// Written by `devtool register` from Sources/Operators/Losses; do not edit.

extension LossRegistry {
  /// All losses.
  public static let all: [any Loss.Type] = [
    AbsoluteError.self,
    BinaryCrossEntropy.self,
    BinaryCrossEntropyWithLogits.self,
    CrossEntropy.self,
    Huber.self,
    MeanSquaredError.self,
    NegativeLogLikelihood.self,
    SmoothL1.self,
  ]
}
