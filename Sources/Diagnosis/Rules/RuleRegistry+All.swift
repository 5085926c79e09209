// Written by `devtool register` from Sources/Diagnosis/Rules; do not edit.

extension RuleRegistry {
  /// All rules.
  public static let all: [any Rule.Type] = [
    BoundedOutput.self,
    BroadcastTarget.self,
    ConstantWeights.self,
    DeadUnits.self,
    IdenticalOutputs.self,
    NonFinite.self,
    SaturatedUnits.self,
    SignalCollapse.self,
    SingleClass.self,
    SymmetricUnits.self,
    UnchangedWeights.self,
    UnscaledFeatures.self,
    ZeroGradient.self,
  ]
}
