/// Which findings explain which. The rows of an effect are read from top to bottom: `from` adds to
/// what the rows above it found, and at the first `orFrom` the search ends if they found anything.
/// A note explains as well, but it is no cause.
enum CauseTable {
  static let explanations: [Explanation] =
    outputs + losses + training + mismatches + gradients + units + weights + data + nonFinite

  private static let outputs = [
    Explanation(
      .identicalOutputs,
      from: [
        .deadUnits, .saturatedUnits, .constantWeights, .signalCollapse, .tinyNormalization,
      ], at: .collapses),
    Explanation(.identicalOutputs, orFrom: [.broadcastTarget, .boundedOutput], at: .sameTensors),
    Explanation(.identicalOutputs, from: [.symmetricUnits, .paddingDominates]),

    Explanation(.singleClass, from: [.identicalOutputs], at: .sameTensors, when: .alarm),
    Explanation(.singleClass, orFrom: [.unscaledFeatures]),
    Explanation(.singleClass, from: [.symmetricUnits], when: .error),

    // A model that says one thing always fails at all classes alike.
    Explanation(.classImbalance, from: [.identicalOutputs], at: .sameTensors, when: .alarm),

    Explanation(.underCapacity, from: otherLoops, when: .alarm),
    Explanation(.underCapacity, from: untrained, when: .alarm),
    Explanation(
      .underCapacity,
      from: [
        .missingNonlinearity, .symmetricUnits, .hiddenSoftmax, .deadUnits, .saturatedUnits,
        .boundedOutput, .broadcastTarget, .activationLossMismatch, .singleStepSequence,
        .tinyNormalization, .mixedAxes, .paddingDominates, .narrowLayer, .orderBlind,
        .coupledSamples,
        .wrongGradients, .unregisteredParameters, .detachedParameters,
      ], when: .alarm),

    // Where a layer that is fitted would do better than ridge regression, that it is not is why it loses.
    Explanation(.belowBaseline, from: [.unfittedHead], when: .alarm),

    // Samples meet where a reshape lays one among the others.
    Explanation(.coupledSamples, from: [.mixedAxes], at: .sameTensors),
    // The wide column is why the scale is wrong for the narrow one.
    Explanation(.unlearnedOutput, from: [.unscaledTargets], at: .sameName, when: .error),

    Explanation(
      .overfitting, from: [.trainValidationSkew, .mixedAxes, .unpairedValidation], when: .alarm),
    // Large weights at the start stay, and with them a function that jumps between the samples.
    Explanation(
      .overfitting, orFrom: [.unlearnableTarget, .staleNormalization, .initializationScale],
      when: .alarm),
  ]

  private static let losses = [
    Explanation(.constantLoss, from: otherLoops, when: .alarm),
    Explanation(
      .constantLoss,
      from: [
        .zeroGradient, .identicalOutputs, .constantTarget, .activationLossMismatch,
        .vanishingGradient, .broadcastTarget, .learningRateTooLow, .unlearnableTarget,
        .strongRegularization, .unsteppedOptimizer, .detachedParameters,
      ], when: .alarm),
    Explanation(.constantLoss, orFrom: [.unchangedWeights, .optimizerSettings], when: .alarm),

    Explanation(.divergingLoss, from: otherLoops, when: .alarm),
    Explanation(
      .divergingLoss, from: [.learningRateTooHigh, .unstableRecurrence], when: .alarm),
    Explanation(.divergingLoss, from: instability, when: .alarm, .rateNotTooHigh),
    Explanation(.divergingLoss, from: [.nonFinite]),

    Explanation(.oscillatingLoss, from: otherLoops, when: .alarm),
    Explanation(
      .oscillatingLoss, from: [.learningRateTooHigh, .unstableRecurrence], when: .alarm),
    Explanation(.oscillatingLoss, orFrom: instability, when: .alarm),
  ]

  private static let training = [
    Explanation(.learningRateTooHigh, from: otherLoops, when: .alarm),
    Explanation(
      .learningRateTooHigh, from: [.unscaledFeatures, .unscaledTargets], when: .scalingGainsMore),
    Explanation(.learningRateTooHigh, from: [.initializationScale], when: .startExplainsRate),
    // A lower rate only puts off what a state without bounds comes to.
    Explanation(.learningRateTooHigh, from: [.lossReduction, .unstableRecurrence], when: .alarm),

    Explanation(.learningRateTooLow, from: otherLoops, when: .alarm),
    Explanation(.learningRateTooLow, from: untrained, when: .error),
    Explanation(
      .learningRateTooLow, from: [.unscaledFeatures, .unscaledTargets], when: .scalingGainsMore),
    Explanation(.learningRateTooLow, from: [.initializationScale], when: .startExplainsRate),
    Explanation(.learningRateTooLow, from: brakes, when: .alarm),
    // A larger rate is what the column that is not learned would need, and it alone.
    Explanation(.learningRateTooLow, from: [.unlearnedOutput], when: .asSevere),

    Explanation(.tooFewUpdates, from: otherLoops, when: .alarm),
    Explanation(.tooFewUpdates, from: untrained, when: .error),
    Explanation(
      .tooFewUpdates, from: [.learningRateTooLow, .unscaledFeatures, .unscaledTargets],
      when: .asSevere),
    Explanation(.tooFewUpdates, from: brakes, when: .alarm),
    Explanation(.tooFewUpdates, from: [.unsteppedOptimizer, .wrongGradients], when: .alarm),
    Explanation(.tooFewUpdates, from: [.historyMismatch], when: .alarm, .given),

    Explanation(
      .unchangedWeights,
      from: [
        .unoptimizedParameters, .unregisteredParameters, .unsteppedOptimizer, .detachedParameters,
      ],
      at: .sameTensors),
    Explanation(.unchangedWeights, orFrom: [.learningRateTooLow], when: .nothingMoved),
    Explanation(.unchangedWeights, from: [.optimizerSettings], when: .nothingMoved, .noRate),
    Explanation(.unchangedWeights, from: [.zeroGradient], at: .sameName, when: .othersMoved),
  ]

  private static let mismatches = [
    // What is proved of the loop says why it ends elsewhere than its settings do.
    Explanation(
      .loopMismatch,
      from: [
        .wrongGradients, .unregisteredParameters, .detachedParameters, .unoptimizedParameters,
        .unsteppedOptimizer, .broadcastTarget, .coupledSamples,
      ], when: .alarm),
    Explanation(
      .wrongGradients, from: [.accumulatedGradients, .clippedGradients, .decayedLearningRate],
      when: .alarm),
  ]

  private static let gradients = [
    Explanation(
      .zeroGradient,
      from: [
        .deadUnits, .saturatedUnits, .constantWeights, .boundedOutput, .activationLossMismatch,
        .tinyNormalization,
      ], at: .gradientEnds),

    Explanation(.vanishingGradient, from: otherLoops, when: .alarm),
    Explanation(
      .vanishingGradient,
      from: [.saturatedUnits, .initializationScale, .hiddenSoftmax, .deadUnits],
      at: .descendants, when: .alarm),
    Explanation(.vanishingGradient, from: [.learningRateTooLow], when: .alarm),

    Explanation(.explodingGradient, from: otherLoops, when: .alarm),
    Explanation(
      .explodingGradient,
      from: [
        .initializationScale, .unscaledFeatures, .explodedWeights, .unscaledTargets,
        .learningRateTooHigh, .targetOutliers, .lossReduction, .unstableRecurrence,
      ], when: .alarm),
  ]

  private static let units = [
    Explanation(
      .signalCollapse,
      from: [
        .deadUnits, .saturatedUnits, .constantWeights, .activationLossMismatch, .symmetricUnits,
        .tinyNormalization,
      ], at: .sameTensors),
    Explanation(.signalCollapse, orFrom: [.paddingDominates], when: .alarm),

    Explanation(.deadUnits, from: otherLoops, when: .alarm, .cameInTraining),
    // Units stay off where they were off at the start, or where the training drove them.
    Explanation(.deadUnits, from: [.deadUnits, .saturatedUnits], at: .collapses),
    Explanation(.deadUnits, orFrom: [.unscaledFeatures], at: .inputs, when: .notSetByHand),
    Explanation(
      .deadUnits, from: [.initializationScale, .constantWeights], at: .layer,
      when: .alarm, .notSetByHand),
    Explanation(.deadUnits, from: [.lowDiversity], when: .alarm, .notSetByHand),
    Explanation(.deadUnits, from: [.learningRateTooHigh], when: .alarm, .cameInTraining),
    Explanation(.deadUnits, from: drivers, when: .alarm, .cameInTraining, .rateNotTooHigh),
    // A penalty pulls weights to nothing, and a target that is the mean of all pulls them to a constant.
    Explanation(
      .deadUnits, from: [.strongRegularization, .broadcastTarget], when: .alarm, .cameInTraining),

    Explanation(.saturatedUnits, from: otherLoops, when: .alarm, .cameInTraining),
    Explanation(.saturatedUnits, from: [.boundedOutput], at: .sameTensors),
    Explanation(.saturatedUnits, orFrom: [.unscaledFeatures], at: .inputs),
    Explanation(
      .saturatedUnits, from: [.initializationScale, .constantWeights], at: .layer, when: .alarm),
    Explanation(.saturatedUnits, from: [.lowDiversity], when: .alarm),
    Explanation(.saturatedUnits, orFrom: [.learningRateTooHigh], when: .alarm),
    Explanation(.saturatedUnits, orFrom: drivers, when: .alarm),

    Explanation(.symmetricUnits, from: [.constantWeights], at: .parameter),
    Explanation(.symmetricUnits, orFrom: [.constantWeights], when: .alarm),
  ]

  private static let weights = [
    Explanation(.explodedWeights, from: otherLoops, when: .alarm),
    Explanation(.explodedWeights, from: [.learningRateTooHigh], when: .alarm),
    Explanation(.explodedWeights, orFrom: drivers, when: .alarm),

    Explanation(.initializationScale, from: [.constantWeights], at: .parameter),

    Explanation(.identicalHeads, from: [.constantWeights], at: .sameTensors),
    Explanation(.identicalHeads, from: [.correlatedTargets], when: .effectIsAlarm),
  ]

  private static let data = [
    // Validation targets that do vary say that the training's own were spoilt on their way.
    Explanation(.constantTarget, from: [.trainValidationSkew], at: .samePlace, when: .alarm),

    Explanation(.invalidTargets, from: [.outputUnits], at: .sameTensors),
    Explanation(.invalidTargets, from: [.nonFinite], at: .samePlace),

    Explanation(.conflictingLabels, from: [.constantFeature], when: .error),
    Explanation(.unlearnableTarget, from: [.conflictingLabels, .lowDiversity], when: .alarm),
    Explanation(.dominantFeature, from: [.unscaledFeatures], at: .sameName),
  ]

  private static let nonFinite = [
    Explanation(.nonFinite, from: otherLoops, when: .alarm, .effectIsOutcome),
    Explanation(.nonFinite, from: [.nonFinite], when: .given, .effectIsOutcome),
    Explanation(.nonFinite, orFrom: [.unstableRecurrence], when: .alarm, .effectIsOutcome),
    Explanation(.nonFinite, orFrom: [.learningRateTooHigh], when: .alarm, .effectIsOutcome),
    Explanation(.nonFinite, orFrom: instability, when: .alarm, .effectIsOutcome),
  ]

  /// What leaves a part of the network as it began: longer or larger steps only make up for it.
  private static let untrained: [RuleID] = [
    .unoptimizedParameters, .unregisteredParameters, .detachedParameters,
  ]

  /// Loops that do something else than their settings say.
  private static let otherLoops: [RuleID] = [
    .accumulatedGradients, .clippedGradients, .decayedLearningRate, .loopMismatch,
  ]

  /// For errors and warnings that no other error or warning explains by the rows above: what the user
  /// sees comes of the faults, or else of the states that they led to, and a state comes of the faults
  /// that are errors. Where no step changed anything, that alone is why the outcome is what it is.
  static let fallbacks = [
    Explanation(anyOf: .state, from: .fault, when: .error),
    Explanation(anyOf: .outcome, from: .fault, when: .alarm, .stopsTraining),
    Explanation(anyOf: .outcome, orFrom: .fault, when: .alarm),
    Explanation(anyOf: .outcome, orFrom: .state, when: .alarm),
  ]

  /// What makes a loss run away or swing, beside the learning rate.
  private static let instability: [RuleID] = [
    .explodingGradient, .unscaledFeatures, .unscaledTargets, .lossReduction, .initializationScale,
    .optimizerSettings, .wrongGradients,
  ]

  /// What sends weights where they should not be, beside the learning rate: steps that are large or
  /// wrong.
  private static let drivers: [RuleID] = [
    .unscaledTargets, .unscaledFeatures, .lossReduction, .targetOutliers, .optimizerSettings,
    .boundedOutput, .lossTaskMismatch, .unstableRecurrence, .wrongGradients,
  ]

  /// What in the network or the optimizer makes every step small.
  private static let brakes: [RuleID] = [
    .hiddenSoftmax, .activationLossMismatch, .optimizerSettings, .excessiveDropout,
    .tinyNormalization, .mixedAxes, .paddingDominates,
  ]

  /// Advice that contradicts itself helps nobody: of these rules only the one that leaves less of the
  /// loss is reported.
  static let contradictions: [[RuleID]] = [[.learningRateTooHigh, .learningRateTooLow]]
}
