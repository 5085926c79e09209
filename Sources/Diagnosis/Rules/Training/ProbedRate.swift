import Trials

/// What a few updates on one batch say of a learning rate, of a network that is too large for trials of
/// its training. Only what is plain counts: a rate that throws the loss up where a lower one brings it
/// down, or one that moves nothing where a higher one does, and a training that got nowhere either.
struct ProbedRate {
  /// The attempt at a better rate.
  let better: RateProbe.Attempt
  private let probe: RateProbe
  private let rate: Double

  /// What an attempt must take off the loss of the batch.
  static let gain = Threshold(
    "probe-gain", 0.1, unit: "of the batch's first loss",
    "what another rate must take off, where the network is too large for trials")

  /// A lower rate that would do.
  static func lower(_ exam: Examination, for rule: any Rule.Type) -> ProbedRate? {
    guard let probe = exam.rateProbe, probe.asSet.end > 1, failed(exam, probe) else { return nil }
    return ProbedRate(exam, probe, probe.others.filter { $0.rate < 1 }, rule)
  }

  /// A higher one, up to a factor.
  static func higher(
    _ exam: Examination, upTo most: Double, for rule: any Rule.Type
  ) -> ProbedRate? {
    guard let probe = exam.rateProbe, probe.isUnmoved, exam.wasTrained, failed(exam, probe) else {
      return nil
    }
    return ProbedRate(
      exam, probe, probe.others.filter { $0.rate > 1 && $0.rate <= most }, rule)
  }

  private init?(
    _ exam: Examination, _ probe: RateProbe, _ others: [RateProbe.Attempt], _ rule: any Rule.Type
  ) {
    let enough = 1 - exam.value(Self.gain, of: rule)
    guard let better = others.min(by: { $0.end < $1.end }), better.end <= enough else {
      return nil
    }
    self.better = better
    self.probe = probe
    rate = exam.run.training.optimizer?.learningRate ?? 0
  }

  /// - Throws: where nothing better was found among the few rates that such a network allows.
  static func requireWhole(_ probe: RateProbe, _ matters: Bool) throws(NotChecked) {
    guard !matters || probe.isWhole else {
      throw NotChecked("the network is too large to try more than the nearest learning rates")
    }
  }

  /// Whether the training left the loss of the batch where it was or above, if there was one.
  private static func failed(_ exam: Examination, _ probe: RateProbe) -> Bool {
    guard exam.isFinite else { return true }
    guard let ended = probe.ended else { return !exam.wasTrained || exam.isTrained == false }
    return !ended.isFinite || ended > 1 || RateProbe.isUnmoved(ended)
  }

  /// The finding, with what the rate does as it was set.
  func finding(_ rule: any Rule.Type, _ verb: String) -> Finding {
    let proposed = rate * better.rate
    let asSet =
      probe.asSet.hasDiverged
      ? "run away" : "leave \(Wording.percent(probe.asSet.end)) of its loss"
    return Finding(
      rule, .error, at: Place(.run, "training"),
      """
      Proved by \(Wording.count(probe.updates, "update")) on one batch of \(Wording.count(probe.rows, "sample")), for \
      the network is too large for more: at a learning rate of \(Wording.number(rate)), as it was \
      set, they \(asSet); at \(Wording.number(proposed)), \(Wording.percent(better.end)).
      """,
      evidence: [
        Measure("learning_rate", rate), Measure("better_learning_rate", proposed),
        Measure("probe_updates", probe.updates), Measure("probe_samples", probe.rows),
        Measure("loss_as_set", probe.asSet.end, unit: "of the batch's first loss"),
        Measure("loss_at_better", better.end, unit: "of the batch's first loss"),
        Measure("rates", .numbers(probe.others.map(\.rate)), unit: "times the learning rate"),
        Measure(
          "losses_at_rates", .numbers(probe.others.map(\.end)), unit: "of the batch's first loss"),
      ],
      remedy: "\(verb) the learning rate to about \(Wording.number(proposed)).",
      facts: Facts(rateFactor: better.rate))
  }
}

extension Examination {
  /// Whether there was a training, as far as the run tells.
  var wasTrained: Bool { isTrained == true || !run.history.isEmpty || (run.updates ?? 0) > 0 }
}
