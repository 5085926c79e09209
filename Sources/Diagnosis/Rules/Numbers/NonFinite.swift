import Npy
import Replay
import Runs
import Trials

/// The first place where a NaN or an infinity comes from.
struct NonFinite: Rule {
  static let info = RuleInfo(
    id: "non-finite", title: "NaN or infinity", severity: .error, evidence: .proof,
    summary: "A value of the data, the weights, the forward or the backward pass is not finite.",
    rationale: """
      One NaN spreads through every sum that it meets, so that the places where it shows are many
      and the origin is one. The search goes in the order of the computation: data, weights,
      forward, loss, backward, and stops at the first that is not finite though everything before
      it was. Where the weights from before the training are known it begins there, since the NaN of
      a training ends in all weights and shows nothing of where it came from. All weights that are
      not finite are one finding.
      """,
    remedy: """
      Clean the data of missing values; where weights or activations overflow, lower the learning \
      rate and scale inputs and targets.
      """,
    source: "IEEE 754-2019; Humbatova et al., Taxonomy of Real Faults (2020)", link: .outcome,
    onset: .anywhere, examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let hidden = Masks.hidden(exam.run.graph, exam.current, exam.run.losses)
    let masks = Set(hidden.map { exam.run.graph.tensors[$0] })
    let data = exam.data.arrays.keys.sorted().filter { !masks.contains($0) }
      .compactMap { array($0, exam) }
    if !data.isEmpty { return data }
    let weights = exam.run.graph.parameters.filter { parameter in
      exam.values(parameter).contains { !$0.isFinite } && !Masks.isMask(parameter)
    }
    if let origin = atStart(exam) { return [with(weights, origin)] }
    if !weights.isEmpty { return [parameters(weights, exam)] }
    return origin(Replayed(vitals: exam.current, hidden: hidden, when: ""), exam).map { [$0] } ?? []
  }

  /// A replay to search.
  private struct Replayed {
    let vitals: ReplayVitals
    /// Tensors in which −infinity is no fault.
    let hidden: Set<Int>
    /// For sentences.
    let when: String
  }

  /// Where the weights from before the training already make a value that is not finite.
  private func atStart(_ exam: Examination) -> Finding? {
    let graph = exam.run.graph
    guard let vitals = exam.initial,
      graph.parameters.allSatisfy({ parameter in
        exam.initialValues(parameter).allSatisfy(\.isFinite) || Masks.isMask(parameter)
      })
    else { return nil }
    let hidden = Masks.hidden(graph, vitals, exam.run.losses)
    return origin(
      Replayed(vitals: vitals, hidden: hidden, when: "already before the training, "), exam)
  }

  /// The first value of a replay that is not finite: forward, loss, backward.
  private func origin(_ replayed: Replayed, _ exam: Examination) -> Finding? {
    forward(replayed, exam) ?? loss(replayed, exam) ?? backward(replayed, exam)
  }

  /// The weights that became NaN belong to the finding that says where from.
  private func with(_ weights: [Graph.Parameter], _ origin: Finding) -> Finding {
    var finding = origin
    finding.others = weights.map { Place(.parameter, $0.name) }
    finding.tensors += weights.map(\.tensor)
    return finding
  }

  private func array(_ name: String, _ exam: Examination) -> Finding? {
    guard let vitals = exam.data.arrays[name] else { return nil }
    let bad = vitals.columns.nonFinite.indices.filter { vitals.columns.nonFinite[$0] > 0 }
    guard !bad.isEmpty else { return nil }
    let count = vitals.columns.nonFinite.reduce(0, +)
    let sample = vitals.columns.firstNonFinite ?? 0
    let isInput = exam.run.graph.inputs.contains { exam.run.graph.tensors[$0] == name }
    return Finding(
      Self.self, .error,
      at: exam.place(isInput ? .input : .target, name, columns: vitals.hasColumns ? bad : []),
      """
      Proved: \(Wording.count(count, "value")) of \(name) \(count == 1 ? "is" : "are") NaN or \
      infinite, first in sample \(sample).
      """,
      evidence: [
        Measure("count", count, unit: "values"), Measure("first_sample", sample),
        Measure("columns", exam.listed(bad, of: name)),
      ],
      remedy: "Drop or fill in the samples with missing values before the training.",
      tensors: exam.run.graph.tensor(named: name).map { [$0] } ?? [],
      // It was handed over, and is not what the training came to.
      facts: Facts(link: .fault))
  }

  /// Weights that are not finite, those first that were not before the training.
  private func parameters(_ bad: [Graph.Parameter], _ exam: Examination) -> Finding {
    let isOld = { (parameter: Graph.Parameter) in
      !exam.initialValues(parameter).allSatisfy(\.isFinite)
    }
    let ordered = bad.filter(isOld) + bad.filter { !isOld($0) }
    let counts = ordered.map { exam.values($0).count { !$0.isFinite } }
    let count = counts.reduce(0, +)
    let total = ordered.reduce(0) { $0 + exam.values($1).count }
    let known = ordered.contains { !exam.initialValues($0).isEmpty }
    let wasFinite = known ? !ordered.contains(where: isOld) : nil
    let places = ordered.map { Place(.parameter, $0.name) }
    var text = """
      Proved: \(count) of \(Wording.count(total, "weight"))\
      \(places.count > 1 ? " in \(places.count) parameters" : "") \(count == 1 ? "is" : "are") NaN \
      or infinite
      """
    if wasFinite == true {
      text += "; before the training all were finite, and so were outputs, loss and gradients"
    } else if wasFinite == false {
      text += "; those of \(places.first?.name ?? "one") were so before the training"
    }
    if let curve = try? LossCurve(exam), let bad = curve.firstNonFinite, bad > 0 {
      text += ". The recorded loss is \(Wording.number(curve.values[bad])) from "
      text += "\(curve.unit) \(bad) on"
    }
    var finding = Finding(
      Self.self, .error, at: places.first ?? Place(.run, "weights"), text + ".",
      evidence: [
        Measure("count", count, unit: "values"),
        Measure(
          "first_index",
          ordered.first.flatMap { exam.values($0).firstIndex { !$0.isFinite } } ?? 0),
        Measure("finite_at_start", wasFinite.map { .bool($0) } ?? .null),
        Measure("counts", .ints(counts), unit: "values of each place"),
        Measure("parameters", .strings(places.map(\.name))),
      ],
      remedy: wasFinite == false
        ? "Draw these weights anew: they cannot be trained from NaN."
        : """
        Lower the learning rate, clip the gradient, and scale inputs and targets: finite weights \
        overflowed in the training.
        """, tensors: ordered.map(\.tensor),
      facts: Facts(amount: Amount(count, of: total, "weights NaN or infinite")))
    finding.others = Array(places.dropFirst())
    return finding
  }

  /// The first node whose output is not finite, and that has not got it from a mask.
  private func forward(_ replayed: Replayed, _ exam: Examination) -> Finding? {
    let graph = exam.run.graph
    let masks = Set(graph.parameters.filter { Masks.isMask($0) }.map(\.tensor))
    var strange = masks
    var later: Finding?
    for node in graph.nodes {
      for output in node.outputs where !replayed.hidden.contains(output) {
        guard let moments = replayed.vitals.activations[output],
          moments.nonFinite.contains(where: { $0 > 0 })
        else { continue }
        let isMasked = node.inputs.contains { $0.map { strange.contains($0) } ?? false }
        let found = origin(node, output, moments, isMasked: isMasked, replayed)
        // A sum with a mask passes it on; it is for a softmax to take it away.
        if isMasked, !node.kind.states(.takesMinusInfinity) {
          strange.insert(output)
          later = later ?? found
        } else {
          return found
        }
      }
    }
    return later
  }

  private func origin(
    _ node: Graph.Node, _ output: Int, _ moments: UnitMoments, isMasked: Bool,
    _ replayed: Replayed
  ) -> Finding {
    let bad = moments.nonFinite.indices.filter { moments.nonFinite[$0] > 0 }
    let operands = node.inputs.compactMap { $0 }.compactMap { replayed.vitals.activations[$0] }
    let why = isMasked ? nil : NonFiniteReason(node.kind, operands)
    let low = operands.compactMap { $0.minimum.min() }.min() ?? 0
    let high = operands.compactMap { $0.maximum.max() }.max() ?? 0
    let sample = moments.firstNonFinite ?? 0
    let reason =
      isMasked
      ? "out of a mask that leaves nothing: all that it compares is −infinity"
      : """
      from finite operands between \(Wording.number(Double(low))) and \
      \(Wording.number(Double(high)))\(why.map { ": " + $0.text } ?? "")
      """
    return Finding(
      Self.self, .error, at: Place(.layer, node.layer, units: bad),
      """
      Proved: \(replayed.when)this \(node.op) makes the first value that is not finite, in sample \
      \(sample), \(reason).
      """,
      evidence: [
        Measure("count", moments.nonFinite.reduce(0, +), unit: "values"),
        Measure("first_sample", sample),
        Measure("operand_range", .numbers([Double(low), Double(high)])),
        Measure("masked", .bool(isMasked)),
      ],
      remedy: isMasked
        ? "Let the mask leave at least one position of every row open." : why?.remedy,
      tensors: [output])
  }

  private func loss(_ replayed: Replayed, _ exam: Examination) -> Finding? {
    for (term, loss) in zip(exam.run.losses, replayed.vitals.losses) where !loss.value.isFinite {
      let moments = replayed.vitals.activations[term.prediction]
      let low = Double(moments?.minimum.min() ?? 0)
      let high = Double(moments?.maximum.max() ?? 0)
      return Finding(
        Self.self, .error,
        at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"),
        """
        Proved: \(replayed.when)\(exam.theLoss(term)) is \(Wording.number(loss.value)), although \
        its predictions are finite, between \(Wording.number(low)) and \(Wording.number(high)).
        """,
        evidence: [
          Measure("loss", loss.value), Measure("prediction_range", .numbers([low, high])),
        ], tensors: [term.prediction])
    }
    return nil
  }

  private func backward(_ replayed: Replayed, _ exam: Examination) -> Finding? {
    let graph = exam.run.graph
    for node in graph.nodes.reversed() {
      for output in node.outputs {
        guard let gradient = replayed.vitals.gradients[output] else { continue }
        let count = gradient.nonFinite.reduce(0, +)
        guard count > 0 else { continue }
        let operands = replayed.vitals.activations[output].map { [$0] } ?? []
        let why = graph.consumers[output].compactMap {
          NonFiniteReason(slopeOf: graph.nodes[$0.node], operands)
        }.first
        return Finding(
          Self.self, .error, at: Place(.layer, node.layer),
          """
          Proved: \(replayed.when)the gradient at the output of this \(node.op) is the first on the \
          way back that is not finite, although every value of the forward pass is\
          \(why.map { ": " + $0.text } ?? "").
          """,
          evidence: [Measure("count", count, unit: "values")], remedy: why?.remedy,
          tensors: [output])
      }
    }
    return nil
  }
}

extension NonFinite {
  private static let examples: [Example] = [
    .fires("a missing value in the data", at: ["x[1]"]) { net in
      net.input([[1, 2], [3, .nan], [0, 1]])
      net.dense("fc", [[1, 1]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .fires("weights that overflowed", at: ["fc.weight"]) { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[.infinity, 1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .fires("all weights NaN after a training: one fault", at: ["fc1.weight", "fc2.weight"]) { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc1", [[.nan, .nan]], initial: [[1, 1]])
      net.dense("fc2", [[.nan]], initial: [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .fires(
      "the logarithm of zero, before any weight was NaN",
      at: ["log1[0]", "fc1.weight", "fc2.weight"]
    ) { net in
      net.input([[1, 2], [-3, 4]])
      net.dense("fc1", [[.nan, .nan]], initial: [[1, 0]])
      net.layer("Relu")
      net.layer("Log")
      net.dense("fc2", [[.nan]], initial: [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .fires("a product beyond float32", at: ["fc2[0]"]) { net in
      net.input([[1e20], [2e20]])
      net.dense("fc1", [[1e10]])
      net.dense("fc2", [[1e15]])
      net.loss("l1", shape: [2, 1], [1, 2])
    },
    .silent("large but finite") { net in
      net.input([[1e10], [2e10]])
      net.dense("fc", [[1e5]])
      net.loss("l1", shape: [2, 1], [1, 2])
    },
  ]
}
