import Operators
import Runs
import Tensors

/// A reshape where a permutation of axes is meant.
struct MixedAxes: Rule {
  static let info = RuleInfo(
    id: "mixed-axes", title: "A reshape that mixes axes", severity: .error, evidence: .proof,
    summary: """
      A reshape lays the values of one axis, such as steps, channels or samples, where another axis is \
      read.
      """,
    rationale: """
      A reshape (`view`, `reshape`, `Flatten`) leaves the values in the order in which they lie in
      memory, and only says anew where rows begin. It can merge neighbouring axes, split one, and cut
      rows into pieces. It cannot exchange axes: where the same lengths come out in another order, what
      is read as a step holds values of other steps, and what is read as a sample those of other
      samples. The shapes are right, and the loss falls a little. Where no boundary of the old axes
      falls on one of the new, as in patches of an image that are taken without a permutation, rows are
      mixed as well. Reshapes that follow each other are taken as one.
      """,
    remedy: """
      Exchange axes with transpose or permute, such as logits.permute(0, 2, 1), and reshape only what \
      lies side by side.
      """,
    source: "NumPy documentation of numpy.reshape and numpy.transpose", harmsLearning: true,
    examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    layers(exam) + exam.run.losses.flatMap { losses($0, exam) }
  }

  private func layers(_ exam: Examination) -> [Finding] {
    exam.run.graph.nodes.compactMap { node in
      guard node.kind.states(.keepsOrder), let input = node.inputs.first.flatMap({ $0 }),
        let output = node.outputs.first, exam.plan.operands[output].batched
      else { return nil }
      let origin = origin(of: input, exam)
      let result = lengths(output, exam)
      // What was mixed before is told there.
      guard AxisMixture(from: lengths(origin, exam), to: lengths(input, exam)) == nil else {
        return nil
      }
      guard let mixture = AxisMixture(from: lengths(origin, exam), to: result),
        // A signal that was laid flat on purpose may be cut anew.
        mixture.isPermutation || origin == input
      else { return nil }
      return finding(node, origin, output, mixture, exam)
    }
  }

  /// The same within a loss that a script wrote itself, for its prediction.
  private func losses(_ term: Run.LossTerm, _ exam: Examination) -> [Finding] {
    guard let loss = term.loss as? GraphLoss, loss.graph.inputs.count == 2,
      var target = exam.run.data[term.target]?.shape, !target.isEmpty,
      exam.plan.batchAxes[term.prediction] == [0]
    else { return [] }
    target[0] = Self.samples
    guard let given = try? Shape(lengths(term.prediction, exam)), let held = try? Shape(target),
      let shapes = try? loss.shapes([given, held]).map(\.dims)
    else { return [] }
    for node in loss.graph.nodes where node.kind.states(.keepsOrder) {
      guard node.inputs.first == loss.graph.inputs[0], let output = node.outputs.first,
        let mixture = AxisMixture(from: given.dims, to: shapes[output])
      else { continue }
      let text = describe("a \(node.op)", given.dims, shapes[output], mixture)
      return [
        Finding(
          Self.self, .error,
          at: Place(.loss, "\(exam.run.graph.layer(of: term.prediction)) / \(term.target)"),
          "Proved by the shapes: in the loss, \(text)",
          evidence: evidence(given.dims, shapes[output], mixture), tensors: [term.prediction])
      ]
    }
    return []
  }

  /// Where the values of a tensor got their order in memory.
  private func origin(of tensor: Int, _ exam: Examination) -> Int {
    var tensor = tensor
    while let index = exam.run.graph.producer[tensor] {
      let node = exam.run.graph.nodes[index]
      guard node.kind.states(.keepsOrder), let input = node.inputs.first.flatMap({ $0 }) else {
        break
      }
      tensor = input
    }
    return tensor
  }

  /// Stands for the number of samples: a prime, so that no length is a multiple of it by chance.
  private static let samples = 1_000_003

  /// The lengths of the axes, with another number of samples than that of a batch.
  private func lengths(_ tensor: Int, _ exam: Examination) -> [Int] {
    var dims = exam.plan.operands[tensor].shape.dims
    let rows = exam.plan.rows
    for axis in exam.plan.batchAxes[tensor] where rows > 0 && dims[axis] % rows == 0 {
      dims[axis] = dims[axis] / rows * Self.samples
    }
    return dims
  }

  private func finding(
    _ node: Graph.Node, _ origin: Int, _ output: Int, _ mixture: AxisMixture, _ exam: Examination
  ) -> Finding {
    let (before, after) = (lengths(origin, exam), lengths(output, exam))
    let meetsOthers =
      exam.plan.batchAxes[origin].contains { mixture.held[$0] > 0 }
      && !exam.plan.batchAxes[output].contains { mixture.entry[$0] > 0 }
      || exam.plan.batchAxes[output].contains { mixture.entry[$0] > 0 }
        && !exam.plan.batchAxes[origin].contains { mixture.held[$0] > 0 }
    let others = meetsOthers ? " Values of one sample are read as those of another." : ""
    return Finding(
      Self.self, mixture.isPermutation || meetsOthers ? .error : .warning,
      at: Place(.layer, node.layer),
      "Proved by the shapes: \(describe("this \(node.op)", before, after, mixture))\(others)",
      evidence: evidence(before, after, mixture) + [Measure("mixes_samples", .bool(meetsOthers))],
      tensors: node.outputs + [origin] + node.inputs.compactMap { $0 })
  }

  private func describe(
    _ what: String, _ before: [Int], _ after: [Int], _ mixture: AxisMixture
  ) -> String {
    let why =
      mixture.isPermutation
      ? "Axes change places, and their values do not"
      : "No boundary between rows of the one falls on a boundary of the other"
    return """
      \(what) lays \(text(before)) out as \(text(after)) in the order of memory. \(why): entry \
      \(mixture.entry) of the result holds what was at \(mixture.held).
      """
  }

  private func evidence(_ before: [Int], _ after: [Int], _ mixture: AxisMixture) -> [Measure] {
    [
      Measure("from", .string(text(before))), Measure("to", .string(text(after))),
      Measure("entry", .ints(mixture.entry)), Measure("held", .ints(mixture.held)),
    ]
  }

  private func text(_ dims: [Int]) -> String {
    let lengths = dims.map { length in
      guard length % Self.samples == 0 else { return "\(length)" }
      return length == Self.samples ? "N" : "\(length / Self.samples)·N"
    }
    return "(\(lengths.joined(separator: ", "))\(lengths.count == 1 ? "," : ""))"
  }
}

extension MixedAxes {
  private static func network(_ net: inout RunBuilder, _ shape: [Int], to shapes: [Int]...) {
    net.input(shape: shape, (0..<shape.reduce(1, *)).map { Float($0 * 7 % 13) - 6 })
    for (index, shape) in shapes.enumerated() {
      net.parameter(
        "shape\(index)", shape: [shape.count], shape.map { Float($0) }, trainable: false)
      net.layer("Reshape", "view\(index + 1)", operands: ["shape\(index)"])
    }
    net.layer("Flatten", "flat")
    let width = shape.dropFirst().reduce(1, *)
    net.dense("fc", [(0..<width).map { 0.05 * Float($0 % 5) - 0.1 }])
    net.loss("mse", shape: [shape[0], 1], (0..<shape[0]).map { Float($0 % 3) })
  }

  /// Three scores for each of five places, laid flat in the loss before they are held against the targets.
  private static func own(_ net: inout RunBuilder, _ moved: [RunBuilder.LossNode]) {
    net.input(shape: [4, 3, 5], (0..<60).map { Float($0 * 7 % 13) - 6 })
    net.layer("Tanh")
    net.parameter("flat", shape: [2], [-1, 3], trainable: false)
    net.ownLoss(
      shape: [4, 5, 3], (0..<60).map { Float($0 % 3) },
      moved + [
        .init("Reshape", [moved.last == nil ? "prediction" : "moved", "flat"], "rows"),
        .init("Reshape", ["target", "flat"], "labels"),
        .init("Sub", ["rows", "labels"], "error"),
        .init("Mul", ["error", "error"], "square"),
        .init("ReduceMean", ["square"], "loss", ["keepdims": .int(0)]),
      ])
  }

  private static let examples: [Example] = [
    .fires("steps and classes change places", at: ["view1"]) {
      network(&$0, [4, 6, 5], to: [0, 5, 6])
    },
    .fires("the same in two steps", at: ["view2"]) {
      network(&$0, [4, 6, 5], to: [0, 30], [0, 5, 6])
    },
    .fires("heads are split off without a permutation", at: ["view1"]) {
      network(&$0, [4, 6, 8], to: [0, 2, 6, 4])
    },
    .fires("patches of an image without one", at: ["view1"]) {
      network(&$0, [4, 3, 8, 8], to: [0, 4, 48])
    },
    .fires("channels last read as channels first", at: ["view1"]) {
      network(&$0, [4, 4, 4, 3], to: [0, 3, 4, 4])
    },
    .fires("pixels and classes change places in a loss of one's own", at: ["tanh1 / y"]) {
      own(&$0, [])
    },
    .silent("a permutation first, in such a loss") {
      own(&$0, [.init("Transpose", ["prediction"], "moved", ["perm": .ints([0, 2, 1])])])
    },
    .silent("a permutation") { net in
      net.input(shape: [4, 6, 5], (0..<120).map { Float($0 * 7 % 13) - 6 })
      net.layer("Transpose", "permuted", attributes: ["perm": .ints([0, 2, 1])])
      net.layer("Flatten", "flat")
      net.dense("fc", [(0..<30).map { 0.05 * Float($0 % 5) - 0.1 }])
      net.loss("mse", shape: [4, 1], [0, 1, 2, 0])
    },
    .silent("axes that are merged and split") {
      network(&$0, [4, 6, 8], to: [0, 48], [0, 6, 2, 4])
    },
    .silent("every two steps joined to one") { network(&$0, [4, 6, 5], to: [0, 3, 10]) },
    .silent("an image read row by row") { network(&$0, [4, 1, 8, 8], to: [0, 8, 8]) },
  ]
}
