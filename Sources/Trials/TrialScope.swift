/// What the trials of a run may change beside the learning rate.
public struct TrialScope: Sendable {
  /// Inputs that may be standardized.
  public var inputs: Set<String> = []
  /// Targets that may be.
  public var targets: Set<String> = []
  /// Whether to leave penalties and weight decay out.
  public var unpenalized = false
  /// Whether to average a summed loss.
  public var averaged = false
  /// Whether to let the optimizer hold parameters that it lacks.
  public var complete = false

  /// Nothing but the learning rate.
  public init() {}
}
