/// What can go wrong below the operators.
public enum TensorError: Error, Equatable, CustomStringConvertible {
  /// Lengths that are negative or multiply past what a machine addresses.
  case shape([Int])
  /// The system gave no memory for that many bytes.
  case memory(Int)
  /// oneDNN refused a call: its name and status.
  case library(String, Int)

  /// The message, in one sentence.
  public var description: String {
    switch self {
    case .shape(let dims):
      "the shape \(dims) is negative or too large: expected lengths whose product fits in memory"
    case .memory(let bytes): "the system has no \(bytes) bytes of memory left"
    case .library(let call, let status): "oneDNN's \(call) failed with status \(status)"
    }
  }
}
