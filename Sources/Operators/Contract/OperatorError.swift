import Tensors

/// Why a node cannot be replayed.
public enum OperatorError: Error, Equatable, CustomStringConvertible {
  /// No operator has that name.
  case unknown(String)
  /// No loss has that kind.
  case unknownLoss(String, known: [String])
  /// No optimizer has that kind.
  case unknownOptimizer(String, known: [String])
  /// The operator has no such attribute.
  case unknownAttribute(String, known: [String])
  /// An attribute has a wrong type or value.
  case attribute(String, found: String, expected: String)
  /// The node names too few or too many inputs or outputs.
  case arity(String, found: Int, expected: ClosedRange<Int>)
  /// The shapes of the operands do not fit.
  case shapes(found: String, expected: String)
  /// An operand must be known before any data, and is not.
  case notConstant(String)
  /// A target is none that the loss knows.
  case target(sample: Int, found: String, expected: String)
  /// An index of a batch, or of a constant when `sample` is nil, points nowhere.
  case index(sample: Int?, found: String, expected: String)
  /// A node of a loss that a script wrote does not fit: its name, its operator, why.
  indirect case node(String, op: String, OperatorError)
  /// memory runs out or a library fails.
  case tensor(TensorError)

  /// The message, without the node: whoever knows the node puts it in front.
  public var description: String {
    switch self {
    case .unknown(let name):
      "the operator \"\(name)\" is not supported: expected one of docs/operators.md"
    case .unknownLoss(let kind, let known):
      "the loss \"\(kind)\" is not supported: expected one of \(known.joined(separator: ", "))"
    case .unknownOptimizer(let kind, let known):
      "the optimizer \"\(kind)\" is not supported: expected one of \(known.joined(separator: ", "))"
    case .unknownAttribute(let name, let known):
      "unknown attribute \"\(name)\": expected "
        + (known.isEmpty ? "none" : known.joined(separator: ", "))
    case .attribute(let name, let found, let expected):
      "attribute \"\(name)\" is \(found): expected \(expected)"
    case .arity(let what, let found, let expected):
      "found \(found) \(what): expected \(Self.text(expected))"
    case .shapes(let found, let expected): "found \(found): expected \(expected)"
    case .notConstant(let what): "\(what) depends on the data: expected a constant"
    case .target(let sample, let found, let expected):
      "the target of sample \(sample) is \(found): expected \(expected)"
    case .index(let sample, let found, let expected):
      "an index\(sample.map { " of sample \($0)" } ?? "") is \(found): expected \(expected)"
    case .node(let name, let op, let error): "node \"\(name)\" (\(op)): \(error.description)"
    case .tensor(let error): error.description
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
