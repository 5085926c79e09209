// Written by `devtool register` from the files of this folder: do not edit.

extension LossRegistry {
  /// All losses, in the order of their types' names.
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
