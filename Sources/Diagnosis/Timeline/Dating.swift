/// Tells when findings began. A rule about the state of a network is asked at every moment of the
/// timeline, as it is at the end: what it finds there is the same fault at that time.
struct Dating {
  let timeline: Timeline?

  /// What the rules about the state of a network see at a moment.
  static func states(_ exam: Examination) -> [Timeline.State] {
    RuleRegistry.all.filter { $0.info.onset != nil }.flatMap { rule in
      ((try? rule.init().check(exam)) ?? []).map(Timeline.State.init)
    }
  }

  /// A finding with the time when it began; as it is where no moment tells.
  func dated(_ finding: Finding) -> Finding {
    guard let timeline, let onset = finding.info?.onset, Self.isState(finding) else {
      return finding
    }
    let moments = timeline.moments
    var held = moments.map { Self.state(of: finding, onset, at: $0) }
    guard let end = held.indices.last else { return finding }
    // On all samples, at the end, it is there: that is what the finding says. But where a rule looked
    // at the start and no longer sees it in the end, the start is its date.
    if held[end] == nil {
      guard held[0] == nil || moments[0].when != .start else {
        return with(0, moments, [held[0]], finding)
      }
      held[end] = Timeline.State(finding)
    }
    var first = end
    while first > 0, held[first - 1] != nil { first -= 1 }
    return with(first, moments, Array(held[first...]), finding)
  }

  private func with(
    _ first: Int, _ moments: [Timeline.Moment], _ held: [Timeline.State?], _ finding: Finding
  ) -> Finding {
    var finding = finding
    let course = zip(moments[first...], held).compactMap { moment, state in
      state?.amount.map { Since.Point(step: moment.step, epoch: moment.epoch, amount: $0) }
    }
    finding.since = Since(
      step: moments[first].step, epoch: moments[first].epoch,
      after: first > 0 ? moments[first - 1].step : nil, course: course)
    return finding
  }

  /// Whether a finding is about the network: what is true of the data began with them.
  private static func isState(_ finding: Finding) -> Bool {
    switch finding.place.kind {
    case .input, .target: false
    case .layer, .parameter, .output, .loss, .run: true
    }
  }

  /// The same fault at a moment: an alarm where the finding is one.
  private static func state(
    of finding: Finding, _ onset: RuleInfo.Onset, at moment: Timeline.Moment
  ) -> Timeline.State? {
    moment.states.filter { state in
      state.rule == finding.rule && (!finding.isAlarm || state.severity > .note)
        && (onset == .anywhere || state.place == finding.place.name)
    }.max { $0.severity < $1.severity }
  }
}
