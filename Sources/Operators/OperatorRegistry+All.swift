// Written by `devtool register` from Sources/Operators; do not edit.

extension OperatorRegistry {
  /// All operators.
  public static let all: [any Operator.Type] = [
    Add.self,
    Constant.self,
    Dropout.self,
    Flatten.self,
    Gemm.self,
    Identity.self,
    LeakyRelu.self,
    LogSoftmax.self,
    MatMul.self,
    Mul.self,
    Relu.self,
    Reshape.self,
    Sigmoid.self,
    Softmax.self,
    Sub.self,
    Tanh.self,
  ]
}
