extension Change {
  /// What may stand in place of an activation.
  public enum Function: String, Sendable {
    case identity = "Identity"
    case relu = "Relu"
    case leakyRelu = "LeakyRelu"
    case sigmoid = "Sigmoid"
    case softmax = "Softmax"
    case logSoftmax = "LogSoftmax"

    /// As frameworks write it.
    public var title: String {
      switch self {
      case .relu: "ReLU"
      case .leakyRelu: "LeakyReLU"
      default: rawValue
      }
    }

    /// As the name of a function.
    public var functionName: String {
      switch self {
      case .leakyRelu: "leaky_relu"
      case .logSoftmax: "log_softmax"
      default: rawValue.lowercased()
      }
    }

    /// Whether it goes along an axis.
    public var hasAxis: Bool { self == .softmax || self == .logSoftmax }
  }
}
