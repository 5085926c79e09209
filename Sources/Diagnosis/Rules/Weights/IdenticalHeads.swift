import Replay
import Runs
import Tensors

/// Outputs of a model that compute the same.
struct IdenticalHeads: Rule {
  static let info = RuleInfo(
    id: "identical-heads", title: "Heads that compute the same", severity: .error,
    evidence: .proof,
    summary: "Two heads, or two units of one head, have the same input and equal weights.",
    rationale: """
      Heads on the same features with equal weights give equal predictions on every sample. Where
      their gradients are equal as well, which takes equal targets or no gradient at all, no step
      can part them: that is an error, unless equal is what they should be because their targets
      are. Where the gradients differ the next step parts them: a note, as for heads that only
      started equal. Heads that merely share a trunk are sound.
      """,
    remedy: "Draw the weights of every head at random, and give each its own target.",
    source: "Goodfellow, Bengio & Courville, Deep Learning (2016), section 8.4",
    harmsLearning: true, examples: examples)

  /// One unit of one head.
  private struct Member: Hashable {
    /// The index of its loss, or −1 − output.
    let head: Int
    let unit: Int
    /// The unit in the kernel.
    let kernelUnit: Int
  }

  /// A kernel that ends in a prediction.
  private struct Head {
    let kernel: Examination.Kernel
    let bias: Graph.Parameter?
    let term: Run.LossTerm
    let name: String
  }

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    try exam.requireLoss()
    try exam.requireSamples()
    let heads = heads(exam)
    guard !heads.isEmpty else {
      throw NotChecked("no prediction comes straight from a layer of weights")
    }
    guard heads.count > 1 || heads.contains(where: { $0.kernel.layout.units > 1 }) else {
      return []
    }
    var findings: [Finding] = []
    for snapshot in exam.snapshots.reversed() {
      findings += pairs(heads, snapshot, exam) + heads.compactMap { units($0, snapshot, exam) }
      if !findings.isEmpty { break }
    }
    return findings
  }

  /// The kernels right before the predictions, apart from activations and what passes values on.
  private func heads(_ exam: Examination) -> [Head] {
    exam.run.losses.compactMap { term in
      guard
        let kernel = exam.kernels.first(where: { kernel in
          kernel.parameter.trainable
            && kernel.node.outputs.contains { exam.leads($0, to: term.prediction) }
        })
      else { return nil }
      let bias = kernel.node.inputs.compactMap { $0 }.first {
        exam.plan.roles[$0]?.kind == .bias
      }.flatMap { exam.run.graph.parameter(at: $0) }
      return Head(
        kernel: kernel, bias: bias, term: term,
        name: exam.run.graph.layer(of: term.prediction))
    }
  }

  /// Heads with one input, and equal weights in all units.
  private func pairs(
    _ heads: [Head], _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> [Finding] {
    var findings: [Finding] = []
    var taken: Set<Int> = []
    for a in heads.indices where !taken.contains(a) {
      let same = heads.indices.filter { b in
        b > a && heads[a].kernel.parameter.tensor != heads[b].kernel.parameter.tensor
          && heads[a].kernel.node.inputs.first == heads[b].kernel.node.inputs.first
          && areEqual(heads[a].kernel.parameter, heads[b].kernel.parameter, snapshot.weights)
          && areEqual(heads[a].bias, heads[b].bias, snapshot.weights)
      }
      guard !same.isEmpty else { continue }
      taken.formUnion(same)
      let gradients = snapshot.vitals.parameterGradients
      let first = gradients[heads[a].kernel.parameter.tensor]
      let stuck = same.allSatisfy {
        Self.areClose(first, gradients[heads[$0].kernel.parameter.tensor])
      }
      let group = ([a] + same).map { heads[$0] }
      findings.append(finding(group, stuck: stuck, snapshot, exam))
    }
    return findings
  }

  private func areEqual(
    _ a: Graph.Parameter?, _ b: Graph.Parameter?, _ weights: Weights
  ) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return weights.values(of: a).elementsEqual(weights.values(of: b))
  }

  private static func areClose(_ a: [Double]?, _ b: [Double]?) -> Bool {
    guard let a, let b, a.count == b.count else { return false }
    let largest = a.reduce(0) { max($0, abs($1)) }
    return zip(a, b).allSatisfy { abs($0 - $1) <= 1e-4 * largest }
  }

  private func finding(
    _ group: [Head], stuck: Bool, _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding {
    let names = group.map(\.name)
    let digests = Set(group.compactMap { exam.data.arrays[$0.term.target]?.digest })
    let sameTargets = digests.count == 1
    let isNow = !snapshot.isStart || exam.isTrained == false
    let end =
      !isNow
      ? "The training has parted them since."
      : stuck
        ? "Their gradients are equal, too, so that training cannot part them"
          + (sameTargets ? "; their targets are the same array of values." : ".")
        : "Their gradients differ, so that the next step parts them."
    return Finding(
      Self.self, isNow && stuck ? (sameTargets ? .warning : .error) : .note,
      at: Place(.output, names[0]),
      """
      Proved \(snapshot.text): the heads \(names.joined(separator: ", ")) have the same input and \
      equal weights, so that they predict the same on every sample. \(end)
      """,
      evidence: [
        Measure("heads", .strings(names)), Measure("equal_gradients", .bool(stuck)),
        Measure("equal_targets", .bool(sameTargets)), Measure("at_start", .bool(snapshot.isStart)),
      ],
      tensors: group.map(\.kernel.parameter.tensor) + group.map(\.term.prediction))
  }

  /// Units of one head with equal weights and biases.
  private func units(
    _ head: Head, _ snapshot: Examination.Snapshot, _ exam: Examination
  ) -> Finding? {
    let layout = head.kernel.layout
    // Classes that start equal are how linear classifiers start; symmetric-units has those that stay.
    guard layout.units > 1, type(of: head.term.loss).info.targets != .classes,
      let gradient = snapshot.vitals.parameterGradients[head.kernel.parameter.tensor]
    else { return nil }
    var equal = UnitSymmetry.groups(snapshot.weights.values(of: head.kernel.parameter), layout)
    if let bias = head.bias, bias.array.count == layout.units,
      let shape = try? Shape([layout.units])
    {
      let biases = UnitSymmetry.groups(
        snapshot.weights.values(of: bias), UnitLayout(shape, axis: 0, batched: false))
      equal = SymmetricUnits.meet(equal, biases, layout.units)
    }
    let groups = equal.filter { $0.count > 1 }
    guard !groups.isEmpty else { return nil }
    let stuck = SymmetricUnits.meet(
      groups, UnitSymmetry.groups(gradient, layout, tolerance: 1e-4), layout.units
    ).filter { $0.count > 1 }
    let isNow = !snapshot.isStart || exam.isTrained == false
    let members = (isNow && !stuck.isEmpty ? stuck : groups).flatMap { $0 }.sorted()
    let correlation = correlation(members, head.term.target, exam)
    let end =
      !isNow
      ? "The training has parted them since."
      : stuck.isEmpty
        ? "Their gradients differ, so that the next step parts them."
        : "Their gradients are equal, too, so that training cannot part them."
    let targets =
      correlation.map { " Their targets correlate by at least \(Wording.number($0))." } ?? ""
    let meant = correlation.map { $0 > 0.9999 } ?? false
    return Finding(
      Self.self, isNow && !stuck.isEmpty ? (meant ? .warning : .error) : .note,
      at: Place(.output, head.name, units: members),
      """
      Proved \(snapshot.text): the units \(Wording.indices(members)) of this head have equal weights \
      and predict the same on every sample. \(end)\(targets)
      """,
      evidence: [
        Measure("groups", .array(groups.map { .ints($0) })),
        Measure("equal_gradients", .bool(!stuck.isEmpty)),
        Measure("target_correlation", correlation.map { .number($0) } ?? .null),
        Measure("at_start", .bool(snapshot.isStart)),
      ], tensors: [head.kernel.parameter.tensor, head.term.prediction])
  }

  /// The smallest correlation between the targets of some units.
  private func correlation(_ units: [Int], _ target: String, _ exam: Examination) -> Double? {
    guard let found = exam.targetCorrelations[target], let last = units.last,
      last < found.mean.count
    else { return nil }
    let width = found.mean.count
    return units.flatMap { a in units.map { found.products[a * width + $0] } }.min()
  }
}

extension Examination {
  /// Whether a tensor is a prediction, be it through activations and operators that pass values on.
  func leads(_ tensor: Int, to prediction: Int) -> Bool {
    var next = prediction
    while next != tensor {
      guard let index = run.graph.producer[next] else { return false }
      let node = run.graph.nodes[index]
      guard node.kind.states(.passesValues) || node.kind.activation != nil,
        let input = node.inputs.first.flatMap({ $0 })
      else { return false }
      next = input
    }
    return true
  }
}

extension IdenticalHeads {
  private static let rows: [[Float]] = [[1, 2], [-1, 0.5], [0.3, -2]]

  private static func two(
    _ net: inout RunBuilder, _ a: [Float], _ b: [Float], targets: [Float]
  ) {
    net.input(rows)
    net.dense("fc", [[1, 0.5], [0.2, -1]])
    net.layer("Relu", "trunk")
    net.dense("head1", [a])
    net.loss("mse", target: "y1", shape: [3, 1], [1, 2, 3])
    net.branch(from: "trunk")
    net.dense("head2", [b])
    net.loss("mse", target: "y2", shape: [3, 1], targets)
  }

  private static let examples: [Example] = [
    .fires("two heads of zeros with different targets: a note", at: ["head1"]) {
      two(&$0, [0, 0], [0, 0], targets: [3, 1, 0])
    },
    .fires("two heads with equal weights and equal targets", at: ["head1"]) {
      two(&$0, [0.3, 0.2], [0.3, 0.2], targets: [1, 2, 3])
    },
    .fires("two units of one head", at: ["fc[0, 2]"]) { net in
      net.input(rows)
      net.dense("fc", [[0.3, 0.2], [0.1, 0.2], [0.3, 0.2]])
      net.loss("mse", shape: [3, 3], [1, 2, 1, 2, 3, 2, 3, 1, 3])
    },
    .silent("two heads on one trunk") {
      two(&$0, [0.3, 0.2], [0.1, -0.2], targets: [1, 2, 3])
    },
    .silent("a classifier that starts from zeros") { net in
      net.input(rows)
      net.dense("fc", [[0, 0], [0, 0], [0, 0]])
      net.loss("cross-entropy", shape: [3], [0, 1, 2])
    },
    .silent("one output") { net in
      net.input(rows)
      net.dense("fc", [[0.3, 0.2]])
      net.loss("mse", shape: [3, 1], [1, 2, 3])
    },
    .cannotTell("no loss") { net in
      net.input(rows)
      net.dense("fc", [[0.3, 0.2], [0.3, 0.2]])
    },
  ]
}
