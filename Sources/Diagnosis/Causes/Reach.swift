/// Where a cause must be, as seen from its effect.
enum Reach: Sendable {
  /// Anywhere in the run.
  case anywhere
  /// At the same place, units included.
  case samePlace
  /// At a place of the same name.
  case sameName
  /// About a tensor that the effect is about.
  case sameTensors
  /// About the effect's parameter.
  case parameter
  /// Where the gradient of the effect ends.
  case gradientEnds
  /// Where the samples become indistinguishable before the effect.
  case collapses
  /// At an input that reaches the effect through affine operators alone.
  case inputs
  /// In the layer that makes what comes in.
  case layer
  /// At the effect, or behind it on the way to a loss.
  case descendants

  /// Whether a cause is there.
  func joins(_ effect: Finding, _ cause: Finding) -> Bool {
    let facts = effect.facts
    let tensors: [Int]
    switch self {
    case .anywhere: return true
    case .samePlace: return effect.place == cause.place
    case .sameName: return effect.place.name == cause.place.name
    case .sameTensors: tensors = effect.tensors
    case .parameter: tensors = facts.parameter.map { [$0] } ?? []
    case .gradientEnds: tensors = facts.gradientEnds
    case .collapses: tensors = facts.collapses
    case .inputs: tensors = facts.inputs
    case .layer: tensors = facts.layer
    case .descendants: tensors = facts.descendants
    }
    return !Set(tensors).isDisjoint(with: cause.tensors)
  }
}
