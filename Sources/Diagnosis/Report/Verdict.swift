/// What a check says of a run as a whole.
public enum Verdict: String, Sendable, CaseIterable {
  /// Learning was judged, and nothing is wrong.
  case healthy
  /// There are errors or warnings.
  case faults
  /// Nothing wrong was found, but whether the training learned could not be judged.
  case couldNotTell = "could-not-tell"
}

/// Whether learning was judged, and what else would have to be handed over for it.
struct Judgement {
  /// Whether the end of the training was held against what could be reached.
  let isJudged: Bool
  /// What is missing, most important first; each a sentence without a full stop.
  let missing: [String]

  init(_ exam: Examination) {
    var missing: [String] = []
    let fewest = Int(Limits.judgedSamples.value)
    let run = exam.run
    if run.losses.isEmpty {
      missing.append(
        exam.refused.isEmpty
          ? "the loss and its targets (loss=, y)" : "targets that the loss can take (y)")
    }
    if run.samples < fewest {
      missing.append(
        "more samples: learning is judged on \(fewest) or more, and there "
          + (run.samples == 1 ? "is 1" : "are \(run.samples)"))
    }
    let isKnown = exam.relativeLoss != nil && exam.relativeLoss?.current.isFinite == true
    if !run.losses.isEmpty, run.samples >= fewest, !isKnown {
      missing.append("targets that vary, under a loss whose best constant prediction is known")
    }
    let hasTrials = if case .done = exam.trials { true } else { false }
    let isPlain =
      exam.isTrained != false && (exam.relativeLoss?.current ?? .infinity) <= Limits.plain.value
    if !hasTrials, !isPlain, !run.losses.isEmpty {
      if run.training.optimizer == nil { missing.append("the optimizer (optimizer=)") }
      if case .not(let reason) = exam.trials, run.training.optimizer != nil {
        missing.append("a run whose training can be tried again: \(reason)")
      }
    }
    isJudged =
      !run.losses.isEmpty && run.samples >= fewest && isKnown && (hasTrials || isPlain)
    if !isJudged {
      if exam.initialWeights == nil { missing.append("the weights before the training (initial=)") }
      if run.history.isEmpty { missing.append("the losses that the training saw (history=)") }
    }
    self.missing = isJudged ? [] : missing
  }
}
