// Written by `devtool register` from Sources/Diagnosis/Rules; do not edit.

extension RuleRegistry {
  /// All rules.
  public static let all: [any Rule.Type] = []
}
