/// What other code needs to know of a finding, beside its severity and its place. The evidence is for
/// people, and nothing reads it.
struct Facts: Sendable {
  /// Where the finding stands in the chain of causes; nil for where its rule stands.
  var link: ChainLink?
  /// How much of the fault there is, as it is followed along the training; nil where that is no number.
  var amount: Amount?
  /// Whether no step of the training changed anything, so that nothing else can have had a part in it.
  var stopsTraining = false
  /// Whether a training with the fault ends where the user's did, and one without it does better.
  var reproducesEnd = false
  /// Whether the fault was there before the training.
  var wasThereAtStart = false
  /// Whether biases alone, and not what comes in, bring the fault about.
  var isByBias = false
  /// Whether the learning rate is zero or less.
  var hasNoRate = false
  /// The factor by which another learning rate is better.
  var rateFactor = 1.0
  /// What its change is worth in the cure that was proved, as a difference of scores; 0 where no cure was
  /// looked for, or it has no part in it.
  var worth = 0.0

  /// The parameter that the finding is about.
  var parameter: Int?
  /// Tensors at which the gradient of the parameter ends.
  var gradientEnds: [Int] = []
  /// Tensors before the place at which the samples become indistinguishable.
  var collapses: [Int] = []
  /// Inputs of the data that reach the place through affine operators alone.
  var inputs: [Int] = []
  /// Tensors of the layer that makes what comes in: its operands and its output.
  var layer: [Int] = []
  /// Tensors that depend on the place.
  var descendants: [Int] = []
}
