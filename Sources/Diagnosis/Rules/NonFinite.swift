import Npy
import Replay

/// The first place where a NaN or an infinity comes from.
struct NonFinite: Rule {
  static let info = RuleInfo(
    id: "non-finite", title: "NaN or infinity", severity: .error, evidence: .proof,
    summary: "A value of the data, the weights, the forward or the backward pass is not finite.",
    rationale: """
      One NaN spreads through every sum that it meets, so that the places where it shows are many
      and the origin is one. The search goes in the order of the computation: data, weights,
      forward, loss, backward, and stops at the first that is not finite though everything before
      it was.
      """,
    remedy: """
      Clean the data of missing values; where weights or activations overflow, lower the learning \
      rate and scale inputs and targets.
      """,
    source: "IEEE 754-2019; Humbatova et al., Taxonomy of Real Faults (2020)", link: .outcome,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let hidden = Masks.hidden(exam.run.graph, exam.current, exam.run.losses)
    let masks = Set(hidden.map { exam.run.graph.tensors[$0] })
    let data = exam.data.arrays.keys.sorted().filter { !masks.contains($0) }
      .compactMap { array($0, exam) }
    if !data.isEmpty { return data }
    if let weights = weights(exam) { return [weights] }
    if let forward = forward(exam, hidden) { return [forward] }
    if let loss = loss(exam) { return [loss] }
    return backward(exam).map { [$0] } ?? []
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
      at: Place(isInput ? .input : .target, name, units: vitals.hasColumns ? bad : []),
      """
      Proved: \(Wording.count(count, "value")) of \(name) \(count == 1 ? "is" : "are") NaN or \
      infinite, first in sample \(sample).
      """,
      evidence: [
        Measure("count", count, unit: "values"), Measure("first_sample", sample),
        Measure("columns", .ints(bad)),
      ],
      remedy: "Drop or fill in the samples with missing values before the training.",
      tensors: exam.run.graph.tensor(named: name).map { [$0] } ?? [])
  }

  /// One finding for all parameters: the first in the order of the graph leads.
  private func weights(_ exam: Examination) -> Finding? {
    let graph = exam.run.graph
    let bad = graph.parameters.filter { parameter in
      exam.values(parameter).contains { !$0.isFinite } && !Masks.isMask(parameter)
    }
    guard let parameter = bad.first else { return nil }
    let values = exam.values(parameter)
    let count = values.count { !$0.isFinite }
    let starts = bad.map { exam.initialValues($0) }.filter { !$0.isEmpty }
    let wasFinite = starts.isEmpty ? nil : starts.allSatisfy { $0.allSatisfy(\.isFinite) }
    let others = bad.dropFirst().map(\.name)
    let more =
      others.isEmpty
      ? ""
      : ", and so are weights of \(Wording.count(others.count, "other parameter"))"
    return Finding(
      Self.self, .error, at: Place(.parameter, parameter.name),
      """
      Proved: \(count) of \(Wording.count(values.count, "weight")) \(count == 1 ? "is" : "are") NaN \
      or infinite\(more)\(wasFinite == true ? "; before the training all were finite" : "").
      """,
      evidence: [
        Measure("count", count, unit: "values"),
        Measure("first_index", values.firstIndex { !$0.isFinite } ?? 0),
        Measure("finite_at_start", wasFinite.map { .bool($0) } ?? .null),
        Measure("parameters", .strings(bad.map(\.name))),
      ], tensors: bad.map(\.tensor))
  }

  /// The first node whose output is not finite, and that has not got it from a mask.
  private func forward(_ exam: Examination, _ hidden: Set<Int>) -> Finding? {
    let graph = exam.run.graph
    let masks = Set(graph.parameters.filter { Masks.isMask($0) }.map(\.tensor))
    var strange = masks
    var later: Finding?
    for node in graph.nodes {
      for output in node.outputs where !hidden.contains(output) {
        guard let moments = exam.current.activations[output],
          moments.nonFinite.contains(where: { $0 > 0 })
        else { continue }
        let isMasked = node.inputs.contains { $0.map { strange.contains($0) } ?? false }
        let found = origin(node, output, moments, isMasked: isMasked, exam)
        // A sum with a mask passes it on; it is for a softmax to take it away.
        if isMasked, !node.kind.takesMinusInfinity {
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
    _ node: Graph.Node, _ output: Int, _ moments: UnitMoments, isMasked: Bool, _ exam: Examination
  ) -> Finding {
    let bad = moments.nonFinite.indices.filter { moments.nonFinite[$0] > 0 }
    let operands = node.inputs.compactMap { $0 }.compactMap { exam.current.activations[$0] }
    let low = operands.compactMap { $0.minimum.min() }.min() ?? 0
    let high = operands.compactMap { $0.maximum.max() }.max() ?? 0
    let sample = moments.firstNonFinite ?? 0
    let reason =
      isMasked
      ? "out of a mask that leaves nothing: all that it compares is −infinity"
      : """
      from finite operands between \(Wording.number(Double(low))) and \
      \(Wording.number(Double(high)))
      """
    return Finding(
      Self.self, .error, at: Place(.layer, node.layer, units: bad),
      """
      Proved: this \(node.op) makes the first value that is not finite, in sample \(sample), \
      \(reason).
      """,
      evidence: [
        Measure("count", moments.nonFinite.reduce(0, +), unit: "values"),
        Measure("first_sample", sample),
        Measure("operand_range", .numbers([Double(low), Double(high)])),
        Measure("masked", .bool(isMasked)),
      ],
      remedy: isMasked ? "Let the mask leave at least one position of every row open." : nil,
      tensors: [output])
  }

  private func loss(_ exam: Examination) -> Finding? {
    for (term, loss) in zip(exam.run.losses, exam.current.losses) where !loss.value.isFinite {
      let moments = exam.current.activations[term.prediction]
      let low = Double(moments?.minimum.min() ?? 0)
      let high = Double(moments?.maximum.max() ?? 0)
      return Finding(
        Self.self, .error,
        at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"),
        """
        Proved: the \(term.kind) loss is \(Wording.number(loss.value)), although its predictions \
        are finite, between \(Wording.number(low)) and \(Wording.number(high)).
        """,
        evidence: [
          Measure("loss", loss.value), Measure("prediction_range", .numbers([low, high])),
        ], tensors: [term.prediction])
    }
    return nil
  }

  private func backward(_ exam: Examination) -> Finding? {
    for node in exam.run.graph.nodes.reversed() {
      for output in node.outputs {
        guard let gradient = exam.current.gradients[output] else { continue }
        let count = gradient.nonFinite.reduce(0, +)
        guard count > 0 else { continue }
        return Finding(
          Self.self, .error, at: Place(.layer, node.layer),
          """
          Proved: the gradient at the output of this \(node.op) is the first on the way back that \
          is not finite, although every value of the forward pass is.
          """,
          evidence: [Measure("count", count, unit: "values")], tensors: [output])
      }
    }
    return nil
  }

  /// Data that is not finite was given; all else came of something.
  func link(of finding: Finding) -> ChainLink {
    [.input, .target].contains(finding.place.kind) ? .fault : .outcome
  }

  func causes(of finding: Finding, among all: [Finding], _ exam: Examination) -> [Finding] {
    guard link(of: finding) == .outcome else { return [] }
    let data = all.filter { $0.rule == Self.info.id && link(of: $0) == .fault }
    return data.isEmpty ? LossCurve.instability(all) : data
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
