// Written by `devtool register` from Sources/Diagnosis/Rules; do not edit.

extension RuleID {
  /// `accumulated-gradients`
  public static let accumulatedGradients = RuleID("accumulated-gradients")
  /// `activation-loss-mismatch`
  public static let activationLossMismatch = RuleID("activation-loss-mismatch")
  /// `below-baseline`
  public static let belowBaseline = RuleID("below-baseline")
  /// `bounded-output`
  public static let boundedOutput = RuleID("bounded-output")
  /// `broadcast-target`
  public static let broadcastTarget = RuleID("broadcast-target")
  /// `class-imbalance`
  public static let classImbalance = RuleID("class-imbalance")
  /// `clipped-gradients`
  public static let clippedGradients = RuleID("clipped-gradients")
  /// `conflicting-labels`
  public static let conflictingLabels = RuleID("conflicting-labels")
  /// `constant-feature`
  public static let constantFeature = RuleID("constant-feature")
  /// `constant-loss`
  public static let constantLoss = RuleID("constant-loss")
  /// `constant-target`
  public static let constantTarget = RuleID("constant-target")
  /// `constant-weights`
  public static let constantWeights = RuleID("constant-weights")
  /// `correlated-targets`
  public static let correlatedTargets = RuleID("correlated-targets")
  /// `coupled-samples`
  public static let coupledSamples = RuleID("coupled-samples")
  /// `dead-units`
  public static let deadUnits = RuleID("dead-units")
  /// `decayed-learning-rate`
  public static let decayedLearningRate = RuleID("decayed-learning-rate")
  /// `detached-parameters`
  public static let detachedParameters = RuleID("detached-parameters")
  /// `diverging-loss`
  public static let divergingLoss = RuleID("diverging-loss")
  /// `dominant-feature`
  public static let dominantFeature = RuleID("dominant-feature")
  /// `duplicate-features`
  public static let duplicateFeatures = RuleID("duplicate-features")
  /// `duplicate-samples`
  public static let duplicateSamples = RuleID("duplicate-samples")
  /// `excessive-dropout`
  public static let excessiveDropout = RuleID("excessive-dropout")
  /// `exploded-weights`
  public static let explodedWeights = RuleID("exploded-weights")
  /// `exploding-gradient`
  public static let explodingGradient = RuleID("exploding-gradient")
  /// `feature-outliers`
  public static let featureOutliers = RuleID("feature-outliers")
  /// `hidden-softmax`
  public static let hiddenSoftmax = RuleID("hidden-softmax")
  /// `history-mismatch`
  public static let historyMismatch = RuleID("history-mismatch")
  /// `identical-heads`
  public static let identicalHeads = RuleID("identical-heads")
  /// `identical-outputs`
  public static let identicalOutputs = RuleID("identical-outputs")
  /// `ignored-feature`
  public static let ignoredFeature = RuleID("ignored-feature")
  /// `initialization-scale`
  public static let initializationScale = RuleID("initialization-scale")
  /// `invalid-targets`
  public static let invalidTargets = RuleID("invalid-targets")
  /// `learning-rate-too-high`
  public static let learningRateTooHigh = RuleID("learning-rate-too-high")
  /// `learning-rate-too-low`
  public static let learningRateTooLow = RuleID("learning-rate-too-low")
  /// `loop-mismatch`
  public static let loopMismatch = RuleID("loop-mismatch")
  /// `loss-at-baseline`
  public static let lossAtBaseline = RuleID("loss-at-baseline")
  /// `loss-reduction`
  public static let lossReduction = RuleID("loss-reduction")
  /// `loss-task-mismatch`
  public static let lossTaskMismatch = RuleID("loss-task-mismatch")
  /// `low-diversity`
  public static let lowDiversity = RuleID("low-diversity")
  /// `missing-nonlinearity`
  public static let missingNonlinearity = RuleID("missing-nonlinearity")
  /// `mixed-axes`
  public static let mixedAxes = RuleID("mixed-axes")
  /// `narrow-layer`
  public static let narrowLayer = RuleID("narrow-layer")
  /// `non-finite`
  public static let nonFinite = RuleID("non-finite")
  /// `optimizer-settings`
  public static let optimizerSettings = RuleID("optimizer-settings")
  /// `order-blind`
  public static let orderBlind = RuleID("order-blind")
  /// `oscillating-loss`
  public static let oscillatingLoss = RuleID("oscillating-loss")
  /// `output-units`
  public static let outputUnits = RuleID("output-units")
  /// `overfitting`
  public static let overfitting = RuleID("overfitting")
  /// `padding-dominates`
  public static let paddingDominates = RuleID("padding-dominates")
  /// `precision-risk`
  public static let precisionRisk = RuleID("precision-risk")
  /// `saturated-units`
  public static let saturatedUnits = RuleID("saturated-units")
  /// `signal-collapse`
  public static let signalCollapse = RuleID("signal-collapse")
  /// `single-class`
  public static let singleClass = RuleID("single-class")
  /// `single-step-sequence`
  public static let singleStepSequence = RuleID("single-step-sequence")
  /// `stale-normalization`
  public static let staleNormalization = RuleID("stale-normalization")
  /// `strong-regularization`
  public static let strongRegularization = RuleID("strong-regularization")
  /// `symmetric-units`
  public static let symmetricUnits = RuleID("symmetric-units")
  /// `target-outliers`
  public static let targetOutliers = RuleID("target-outliers")
  /// `tiny-normalization`
  public static let tinyNormalization = RuleID("tiny-normalization")
  /// `too-few-samples`
  public static let tooFewSamples = RuleID("too-few-samples")
  /// `too-few-updates`
  public static let tooFewUpdates = RuleID("too-few-updates")
  /// `train-validation-skew`
  public static let trainValidationSkew = RuleID("train-validation-skew")
  /// `unchanged-weights`
  public static let unchangedWeights = RuleID("unchanged-weights")
  /// `under-capacity`
  public static let underCapacity = RuleID("under-capacity")
  /// `unfitted-head`
  public static let unfittedHead = RuleID("unfitted-head")
  /// `unlearnable-target`
  public static let unlearnableTarget = RuleID("unlearnable-target")
  /// `unlearned-output`
  public static let unlearnedOutput = RuleID("unlearned-output")
  /// `unoptimized-parameters`
  public static let unoptimizedParameters = RuleID("unoptimized-parameters")
  /// `unpaired-validation`
  public static let unpairedValidation = RuleID("unpaired-validation")
  /// `unregistered-parameters`
  public static let unregisteredParameters = RuleID("unregistered-parameters")
  /// `unscaled-features`
  public static let unscaledFeatures = RuleID("unscaled-features")
  /// `unscaled-targets`
  public static let unscaledTargets = RuleID("unscaled-targets")
  /// `unstable-recurrence`
  public static let unstableRecurrence = RuleID("unstable-recurrence")
  /// `unstepped-optimizer`
  public static let unsteppedOptimizer = RuleID("unstepped-optimizer")
  /// `vanishing-gradient`
  public static let vanishingGradient = RuleID("vanishing-gradient")
  /// `wrong-gradients`
  public static let wrongGradients = RuleID("wrong-gradients")
  /// `zero-gradient`
  public static let zeroGradient = RuleID("zero-gradient")
}
