/// What explains a state that the training brought about.
enum Dynamics {
  /// Faults that send weights where they should not be: the learning rate if that is one, else what
  /// makes steps large or wrong.
  static func drivers(_ all: [Finding]) -> [Finding] {
    let alarms = all.filter { $0.severity > .note }
    let rate = alarms.filter { $0.rule == LearningRateTooHigh.info.id }
    if !rate.isEmpty { return rate }
    let ids = [
      UnscaledTargets.info.id, UnscaledFeatures.info.id, "loss-reduction", "target-outliers",
      OptimizerSettingsRule.info.id, BoundedOutput.info.id, LossTaskMismatch.info.id,
    ]
    return alarms.filter { ids.contains($0.rule) }
  }

  /// What explains units that stand where they stood at the start: the weights they were given, or
  /// inputs of the wrong size or without variety.
  static func origins(
    of tensor: Int, _ all: [Finding], _ exam: Examination
  ) -> [Finding] {
    let graph = exam.run.graph
    let layer = graph.producer[tensor].map { graph.nodes[$0].inputs.compactMap { $0 } } ?? []
    return all.about(exam.directInputs(of: tensor), rules: [UnscaledFeatures.self])
      + all.about(layer + [tensor], rules: [InitializationScale.self, ConstantWeights.self])
      .filter { $0.severity > .note }
      + all.filter { $0.rule == "low-diversity" && $0.severity > .note }
  }
}
