// Written by `devtool register` from Sources/Operators/Optimizers; do not edit.

extension OptimizerRegistry {
  /// All optimizers.
  public static let all: [any Optimizer.Type] = [
    Adagrad.self,
    Adam.self,
    AdamW.self,
    RMSprop.self,
    SGD.self,
  ]
}
