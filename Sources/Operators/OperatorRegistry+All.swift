// Written by `devtool register` from Sources/Operators; do not edit.

extension OperatorRegistry {
  /// All operators.
  public static let all: [any Operator.Type] = [
    Add.self,
    AveragePool.self,
    Constant.self,
    Conv.self,
    ConvTranspose.self,
    Dropout.self,
    Flatten.self,
    Gemm.self,
    GlobalAveragePool.self,
    GlobalMaxPool.self,
    Identity.self,
    LeakyRelu.self,
    LogSoftmax.self,
    MatMul.self,
    MaxPool.self,
    Mul.self,
    Pad.self,
    Relu.self,
    Reshape.self,
    Sigmoid.self,
    Softmax.self,
    Sub.self,
    Tanh.self,
  ]
}
