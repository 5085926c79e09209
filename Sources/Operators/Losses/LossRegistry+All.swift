// Written by `devtool register` from Sources/Operators/Losses; do not edit.

extension LossRegistry {
  /// All losses.
  public static let all: [any Loss.Type] = [
    AbsoluteError.self,
    BinaryCrossEntropy.self,
    BinaryCrossEntropyWithLogits.self,
    CategoricalCrossEntropy.self,
    CrossEntropy.self,
    EpsilonInsensitive.self,
    GaussianNLL.self,
    Hinge.self,
    Huber.self,
    KLDivergence.self,
    LogCosh.self,
    MeanSquaredError.self,
    NegativeLogLikelihood.self,
    PoissonNLL.self,
    Quantile.self,
    SmoothL1.self,
  ]
}
