/// Why a text is not taken as a report.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  /// It is no JSON.
  case document(reason: String)
  /// A member is wrong: which, what was found, what was expected.
  case member(String, found: String, expected: String)

  /// The message.
  public var description: String {
    switch self {
    case .document(let reason): "the report \(reason)"
    case .member(let path, let found, let expected):
      "the report's \(path): found \(found), expected \(expected)"
    }
  }
}
