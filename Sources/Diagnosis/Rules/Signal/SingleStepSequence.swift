import Replay
import Runs

/// Recurrent layers over sequences of one step.
struct SingleStepSequence: Rule {
  static let neighbours = Threshold(
    "neighbours", 0.5, unit: "mean correlation of neighbouring features",
    "features that vary together at least so much, and more than distant ones do, look like the "
      + "moments of one series")

  static let info = RuleInfo(
    id: "single-step-sequence", title: "A sequence of one step", severity: .warning,
    evidence: .proof,
    summary: """
      A recurrent layer gets one step per sample and no state from before: it has nothing to \
      remember.
      """,
    rationale: """
      A recurrent layer reads its steps one after the other, and its recurrent weights carry the
      state from one to the next. With one step that begins without a state they take no part: the
      layer is a dense layer with gates, and sees the past only as far as somebody laid it out among
      the features. Where neighbouring features vary together as the moments of a series do, the
      window was most likely laid along the wrong axis; where a slice leaves one of several steps, it was cut
      too early. A layer that is given its state, and one whose
      weights serve other steps elsewhere in the graph, is silent.
      """,
    remedy: """
      Lay the moments of the window along the axis of the steps: (samples, steps, features), such as \
      x.reshape(samples, 8, 1) in place of (samples, 1, 8). Without a series, use a dense layer.
      """,
    source: "Hochreiter & Schmidhuber, Long Short-Term Memory (1997)", thresholds: [neighbours],
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    exam.idleRecurrences.compactMap { finding($0, exam) }
  }

  private func finding(_ layer: IdleRecurrence, _ exam: Examination) -> Finding? {
    let node = layer.node
    guard let input = node.inputs.first.flatMap({ $0 }) else { return nil }
    let shape = exam.plan.operands[input].shape
    let idle = layer.weights.reduce(0) { $0 + $1.array.count }
    let series = series(behind: input, exam)
    let learnedNothing = exam.relativeLoss.map { $0.current >= Limits.nothing.value } ?? false
    let whole = steps(before: input, exam)
    var message = """
      Proved by the shapes: this \(node.op) gets sequences of one step, (N, 1, \
      \(shape.dims.last ?? 0)), and no state from before\
      \(idle > 0 ? ", so that its \(Wording.count(idle, "recurrent weight")) take no part" : "").
      """
    if let whole {
      message += " The input has \(whole) steps, of which a slice before this layer leaves one."
    }
    if let series {
      message += """
         The features look like the moments of a series: \
        \(series.period == 1 ? "neighbours" : "those \(series.period) apart") \
        correlate by \(Wording.number(series.correlation)). The steps then belong on axis 1: \
        (N, \(series.steps), \(series.period)).
        """
    }
    return Finding(
      Self.self, series != nil || whole != nil || learnedNothing ? .warning : .note,
      at: Place(.layer, node.layer), message,
      evidence: [
        Measure("steps", 1, unit: "steps", threshold: 2),
        Measure("shape", .ints(shape.dims)),
        Measure("idle_weights", idle, unit: "weights"),
        Measure("series_steps", series.map { .int($0.steps) } ?? .null, unit: "steps"),
        Measure("neighbour_correlation", series.map { .number($0.correlation) } ?? .null),
      ], tensors: node.outputs + [input])
  }
}

// The axis that looks like time.
extension SingleStepSequence {
  /// The steps of the input of which a cut leaves a layer one; nil where nothing cuts it.
  private func steps(before tensor: Int, _ exam: Examination) -> Int? {
    var (tensor, isCut) = (tensor, false)
    let features = exam.plan.operands[tensor].shape.dims.last
    while let index = exam.run.graph.producer[tensor] {
      let node = exam.run.graph.nodes[index]
      guard node.kind.states(.passesIds), let input = node.inputs.first.flatMap({ $0 }) else {
        return nil
      }
      isCut = isCut || !node.kind.states(.passesValues)
      tensor = input
    }
    let shape = exam.plan.operands[tensor].shape
    guard isCut, shape.rank == 3, shape[1] > 1, shape[2] == features else { return nil }
    return shape[1]
  }

  /// Features that look like moments: so many of them, each of `period` values.
  private struct Series {
    let steps: Int
    let period: Int
    let correlation: Double
  }

  /// Finds the features of an input of the data that look like the moments of a series; nil when none do,
  /// or when the layer takes something else in.
  private func series(behind tensor: Int, _ exam: Examination) -> Series? {
    guard let name = source(of: tensor, exam), let correlation = exam.correlations[name] else {
      return nil
    }
    let width = correlation.mean.count
    guard width == exam.plan.operands[tensor].shape.dims.last, width >= 3 else { return nil }
    let limit = exam.value(Self.neighbours, of: Self.self)
    for period in 1...max(1, width / 3) where width % period == 0 {
      let near = mean(correlation, at: period)
      let farther = (2..<(width / period)).map { mean(correlation, at: $0 * period) }
      let far = farther.reduce(0, +) / Double(farther.count)
      if near >= limit, near > far {
        return Series(steps: width / period, period: period, correlation: near)
      }
    }
    return nil
  }

  /// The mean correlation of features that lie so far apart.
  private func mean(_ correlation: Correlation, at distance: Int) -> Double {
    let width = correlation.mean.count
    let pairs = (0..<(width - distance)).map {
      correlation.products[$0 * width + $0 + distance]
    }
    return pairs.reduce(0, +) / Double(pairs.count)
  }

  /// The input of the data whose values come in, one by one.
  private func source(of tensor: Int, _ exam: Examination) -> String? {
    var tensor = tensor
    while let index = exam.run.graph.producer[tensor] {
      let node = exam.run.graph.nodes[index]
      guard node.kind.states(.passesValues) || node.kind.activation != nil,
        let input = node.inputs.first.flatMap({ $0 })
      else { return nil }
      tensor = input
    }
    return exam.run.graph.inputs.contains(tensor) ? exam.run.graph.tensors[tensor] : nil
  }
}

extension SingleStepSequence {
  private static func lstm(
    _ net: inout RunBuilder, shape: [Int], state: Bool = false, cut: Bool = false
  ) {
    let values = (0..<shape.reduce(1, *)).map { i in
      // A slow wave, seen through windows that begin at different moments.
      let (row, place) = (i / (shape[1] * shape[2]), i % (shape[1] * shape[2]))
      let turns = [3, 4, 2, 0, -2, -4, -3, -1, 1] as [Float]
      return turns[(row * 5 + place / 2) % turns.count] + 0.1 * Float(place % 2)
    }
    if state {
      net.input(
        shape: [shape[0], 1, 2], .init(repeating: 0.5, count: shape[0] * 2), name: "start")
    }
    net.input(shape: shape, values)
    if cut {
      net.layer(
        "Slice", "cut",
        attributes: [
          "starts": .array([.int(shape[1] - 1)]), "ends": .array([.int(shape[1])]),
          "axes": .array([.int(1)]),
        ])
    }
    let width = shape[2]
    net.parameter(
      "rnn.w", shape: [1, 2, width], (0..<(2 * width)).map { 0.1 * Float($0 % 3) - 0.05 })
    net.parameter("rnn.r", shape: [1, 2, 2], [0.5, -0.2, 0.1, 0.3])
    net.layer(
      "RNN", "rnn", operands: ["rnn.w", "rnn.r"] + (state ? ["", "", "start"] : []),
      attributes: ["layout": .int(1)])
    net.layer("Flatten", "flat")
    net.dense("fc", [.init(repeating: 0.5, count: cut ? 2 : shape[1] * 2)])
    net.loss("mse", shape: [shape[0], 1], (0..<shape[0]).map { Float($0 % 3) })
  }

  private static let examples: [Example] = [
    .fires("a window among the features", at: ["rnn"]) { lstm(&$0, shape: [9, 1, 8]) },
    .fires("the last of eight steps", at: ["rnn"]) { lstm(&$0, shape: [9, 8, 2], cut: true) },
    .silent("the same window along the steps") { lstm(&$0, shape: [9, 8, 1]) },
    .silent("a state from before") { lstm(&$0, shape: [9, 1, 8], state: true) },
    .silent("no recurrent layer") { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[0.5, 0.1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
  ]
}
