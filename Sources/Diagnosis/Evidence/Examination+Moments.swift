import Replay
import Runs

extension Examination {
  /// What would have been measured at another moment of the training, as far as it is a matter of the
  /// weights: everything about the data, the trials and the start stays as it is.
  ///
  /// - Parameters:
  ///   - end: the loss after the training, on the same samples.
  ///   - share: how much of the training was done then, 0...1; nil when nothing tells.
  func at(
    _ vitals: ReplayVitals, _ weights: Weights, when: Snapshot.When, end: Double, share: Double?
  ) -> Examination {
    var exam = self
    exam.current = vitals
    exam.weights = weights
    exam.isMoment = true
    exam.isFinite = Masks.isFinite(vitals, run)
    exam.snapshots = exam.isFinite ? [Snapshot(vitals: vitals, weights: weights, when: when)] : []
    exam.relativeLoss = relativeLoss?.at(loss: vitals.dataLoss, end: end)
    exam.series =
      share.map { share in
        series.mapValues { Array($0.prefix(Int(Double($0.count) * min(1, share)))) }
      } ?? [:]
    return exam
  }

  /// The figures of a moment.
  var figures: Timeline.Figures {
    let rectifiers = activationLayers.filter(\.activation.rectifier)
    let hasLoss = !run.losses.isEmpty
    let squares = current.parameterGradients.compactMap(\.self).reduce(0.0) { sum, gradient in
      sum + gradient.reduce(0) { $0 + $1 * $1 }
    }
    let output = run.losses.first?.prediction ?? run.graph.outputs.first
    let spread = output.flatMap { current.activations[$0] }.map { moments in
      let variances = (0..<moments.units).map { moments.variance($0) }
      return (variances.reduce(0, +) / Double(max(1, moments.units))).squareRoot()
    }
    return Timeline.Figures(
      loss: hasLoss ? current.loss : nil, deadUnits: rectifiers.reduce(0) { $0 + $1.dead.count },
      rectifiedUnits: rectifiers.reduce(0) { $0 + $1.moments.units },
      gradientNorm: hasLoss ? squares.squareRoot() : nil, outputSpread: spread, isFinite: isFinite)
  }
}
