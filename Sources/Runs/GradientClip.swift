/// What the training cuts its gradients to before an update; the bound is finite and not negative.
public enum GradientClip: Sendable, Equatable {
  /// The largest norm of all gradients together.
  case norm(Double)
  /// The largest norm of each parameter's gradient.
  case parameterNorm(Double)
  /// The largest absolute value of each element.
  case value(Double)

  /// The keys in run.json.
  static let keys = ["norm", "parameter_norm", "value"]

  init?(_ key: String, _ bound: Double) {
    switch key {
    case "norm": self = .norm(bound)
    case "parameter_norm": self = .parameterNorm(bound)
    case "value": self = .value(bound)
    default: return nil
    }
  }

  /// The bound, whatever it is of.
  public var bound: Double {
    switch self {
    case .norm(let bound), .parameterNorm(let bound), .value(let bound): bound
    }
  }
}
