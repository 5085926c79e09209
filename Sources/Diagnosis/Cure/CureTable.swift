/// What would mend a finding, by its rule: the changes to try, the most likely first.
enum CureTable {
  /// A kind of change; which of its kind fits a run, `CureProposals` tells.
  enum Mend: CaseIterable {
    case asSet, head, loss, rectified, leaky, inserted, letThrough, reshaped, averaged, fresh,
      inputs,
      targets, wider, narrow, deeper, batches, outliers, balanced, shuffled, dropout, penalties,
      complete, unclipped, clipped,
      schedule, slower, faster, optimizer, longer
  }

  /// The changes, by rule.
  static let rows: [RuleID: [Mend]] = [
    .accumulatedGradients: [.asSet],
    .activationLossMismatch: [.head, .loss],
    .belowBaseline: [.rectified, .fresh, .inputs, .faster, .longer],
    .boundedOutput: [.head, .targets],
    .broadcastTarget: [.reshaped],
    .classImbalance: [.balanced],
    .clippedGradients: [.unclipped, .asSet],
    .constantLoss: [.fresh, .head],
    .constantWeights: [.fresh],
    .correlatedTargets: [.targets],
    .deadUnits: [.fresh, .slower, .inputs, .leaky],
    .decayedLearningRate: [.schedule, .asSet],
    .detachedParameters: [.letThrough],
    .divergingLoss: [.slower, .clipped],
    .dominantFeature: [.inputs],
    .excessiveDropout: [.dropout],
    .explodedWeights: [.fresh, .slower],
    .explodingGradient: [.slower, .clipped, .fresh, .inputs],
    .featureOutliers: [.outliers, .inputs],
    .hiddenSoftmax: [.rectified],
    .historyMismatch: [.asSet],
    .identicalHeads: [.fresh],
    .identicalOutputs: [.fresh, .inputs, .rectified],
    .initializationScale: [.fresh],
    .learningRateTooHigh: [.slower],
    .learningRateTooLow: [.faster],
    .loopMismatch: [.asSet],
    .lossAtBaseline: [.fresh, .inputs, .faster],
    .lossReduction: [.averaged, .slower],
    .lossTaskMismatch: [.loss],
    .missingNonlinearity: [.inserted],
    .narrowLayer: [.narrow, .wider],
    .nonFinite: [.slower, .inputs, .loss, .clipped],
    .optimizerSettings: [.optimizer],
    .oscillatingLoss: [.slower],
    .outputUnits: [.loss, .head],
    .saturatedUnits: [.inputs, .fresh, .rectified, .slower],
    .signalCollapse: [.fresh, .rectified, .inputs],
    .strongRegularization: [.penalties],
    .symmetricUnits: [.fresh],
    .targetOutliers: [.outliers, .targets],
    .tinyNormalization: [.batches],
    .tooFewUpdates: [.longer],
    .unchangedWeights: [.asSet, .faster],
    .underCapacity: [.deeper, .wider],
    .unfittedHead: [.faster, .longer, .targets],
    .unlearnedOutput: [.targets],
    .unoptimizedParameters: [.complete],
    .unregisteredParameters: [.complete, .asSet],
    .unscaledFeatures: [.inputs],
    .unscaledTargets: [.targets],
    .unstableRecurrence: [.slower, .clipped],
    .unsteppedOptimizer: [.asSet],
    .vanishingGradient: [.rectified, .fresh],
    .wrongGradients: [.asSet],
    .zeroGradient: [.fresh, .rectified, .head, .inputs],
  ]

  /// What cannot be tried, and why.
  static let untried: [RuleID: String] = [
    .coupledSamples: "what belongs together in the network's code is not known",
    .conflictingLabels: "the right labels are not known",
    .constantTarget: "targets that vary are not known",
    .duplicateSamples: "other rows are not known",
    .invalidTargets: "the right targets are not known",
    .mixedAxes: "which axes the code should keep apart is not known",
    .orderBlind: "it needs a layer that tells places of a sequence apart",
    .overfitting: "it needs more data, or a smaller network",
    .lowDiversity: "other rows are not known",
    .paddingDominates: "where the sequences end is not handed over",
    .precisionRisk: "trials compute in float32",
    .singleClass: "rows of another class are not known",
    .singleStepSequence: "how the rows make sequences is not known",
    .staleNormalization: "it needs no training: leave the mode of evaluation alone, or count again",
    .tooFewSamples: "more rows are not known",
    .trainValidationSkew: "how the other rows were prepared is not known",
    .unlearnableTarget: "inputs that tell the target are not known",
    .unpairedValidation: "which rows belong together is not known",
  ]

  /// What any training is tried with.
  static let generic: [Mend] = [
    .head, .rectified, .fresh, .inputs, .targets, .slower, .faster, .optimizer, .longer,
    .deeper,
  ]
}
