import Glibc
import Replay
import Runs
import Trials

/// Initial weights much larger or smaller than any usual scheme draws them.
struct InitializationScale: Rule {
  static let ratio = Threshold(
    "ratio", 2, unit: "times the schemes' own range", "initial weights farther out are a warning")
  static let errorProduct = Threshold(
    "error-product", 1000, unit: "times, over all layers in a row",
    "layers that are together farther out are an error")

  static let info = RuleInfo(
    id: "initialization-scale", title: "Initial weights of the wrong size", severity: .warning,
    evidence: .heuristic,
    summary: """
      The root mean square of a kernel's initial weights is more than twice the largest, or less \
      than half the smallest, of what the He, Glorot, LeCun and PyTorch schemes draw for its shape.
      """,
    rationale: """
      A layer multiplies the size of the signal by about √fan-in times the size of its weights, and
      that of the gradient on its way back alike. Where this factor is far from 1, signal and
      gradient grow or fade with every layer. The schemes differ by a factor of about two among
      themselves, so that only what lies outside of all of them counts, with room for the chance of
      a small kernel. A kernel right before a normalization may have any size, and a head may start
      small: it grows with its own gradient. That is a note, as are kernels of fewer than 16 weights.
      """,
    remedy:
      "Use He initialisation before rectifiers, Glorot before tanh, sigmoid and linear heads.",
    source:
      "Glorot & Bengio (2010); He et al., Delving Deep into Rectifiers (2015), arXiv:1502.01852",
    thresholds: [ratio, errorProduct] + TrialComparison.thresholds, harmsLearning: true,
    examples: examples)

  private struct Suspect {
    let kernel: Examination.Kernel
    let size: Double
    let schemes: [(name: String, size: Double)]
    /// Size over the nearest end of the schemes' range.
    let ratio: Double
    let isHead: Bool
  }

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard let start = exam.startWeights else {
      throw NotChecked("the weights before the training were not exported")
    }
    let suspects = exam.kernels.compactMap { suspect($0, start, exam) }
    let bodies = suspects.filter { !$0.isHead || $0.ratio > 1 }
    let product = { (large: Bool) in
      bodies.filter { ($0.ratio > 1) == large }.reduce(1.0) { $0 * max($1.ratio, 1 / $1.ratio) }
    }
    let proof = InitializationProof(exam, for: Self.self)
    return suspects.map { finding($0, product: product($0.ratio > 1), start, proof, exam) }
  }

  private func suspect(
    _ kernel: Examination.Kernel, _ start: Weights, _ exam: Examination
  ) -> Suspect? {
    guard kernel.parameter.trainable, kernel.node.kind.states(.weighs),
      !isNormalized(kernel, exam)
    else { return nil }
    let values = start.values(of: kernel.parameter)
    let count = values.count
    guard count > 0, kernel.layout.units > 0 else { return nil }
    let size = (values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)).squareRoot()
    guard size > 0, size.isFinite else { return nil }
    let fanIn = Double(count / kernel.layout.units)
    let spots = exam.plan.operands[kernel.parameter.tensor].shape.dims.dropFirst(2).reduce(1, *)
    let fanOut = Double(kernel.layout.units * (kernel.node.kind.states(.slides) ? spots : 1))
    let schemes = [
      ("he", (2 / fanIn).squareRoot()), ("glorot", (2 / (fanIn + fanOut)).squareRoot()),
      ("lecun", (1 / fanIn).squareRoot()), ("pytorch", (1 / (3 * fanIn)).squareRoot()),
    ]
    let low = schemes.map(\.1).min() ?? size
    let high = schemes.map(\.1).max() ?? size
    let ratio = size > high ? size / high : size < low ? size / low : 1
    // The size of a few weights is known to about 1/√(2n); three of that are given for chance.
    let limit =
      exam.value(Self.ratio, of: Self.self) * (1 + 3 / (2 * Double(count)).squareRoot())
    guard max(ratio, 1 / ratio) > limit else { return nil }
    return Suspect(
      kernel: kernel, size: size, schemes: schemes.map { (name: $0.0, size: $0.1) }, ratio: ratio,
      isHead: kernel.node.outputs.contains {
        exam.isHead($0) || exam.run.graph.outputs.contains($0)
      }
    )
  }

  /// Whether a normalization takes the scale out again.
  private func isNormalized(_ kernel: Examination.Kernel, _ exam: Examination) -> Bool {
    let graph = exam.run.graph
    var open = kernel.node.outputs
    while let tensor = open.popLast() {
      for use in graph.consumers[tensor] {
        let node = graph.nodes[use.node]
        if node.kind.states(.normalizes) { return true }
        let passes = node.kind.states(.passesValues) || node.kind.states(.adds)
        if passes, SignalPath.affineInput(of: node, exam) == tensor { open += node.outputs }
      }
    }
    return false
  }

  private func finding(
    _ suspect: Suspect, product: Double, _ start: Weights, _ proof: InitializationProof?,
    _ exam: Examination
  ) -> Finding {
    let kernel = suspect.kernel
    let isLarge = suspect.ratio > 1
    let times = max(suspect.ratio, 1 / suspect.ratio)
    let harmless = kernel.parameter.array.count < 16 || (suspect.isHead && !isLarge)
    let isError = product > exam.value(Self.errorProduct, of: Self.self)
    let sizes = suspect.schemes.map(\.size)
    let range = "\(Wording.number(sizes.min() ?? 0)) to \(Wording.number(sizes.max() ?? 0))"
    var message = """
      Its initial weights have a root mean square of \(Wording.number(suspect.size)), where the \
      usual schemes draw \(range): \(Wording.number(times)) times too \(isLarge ? "large" : "small").
      """
    var evidence = [
      Measure("root_mean_square", suspect.size),
      Measure(
        "schemes",
        .object(
          Dictionary(
            suspect.schemes.map { ($0.name, JSONValue.number($0.size)) },
            uniquingKeysWith: { first, _ in first }))),
      Measure(
        "ratio", suspect.ratio, unit: "times the nearest scheme",
        threshold: exam.value(Self.ratio, of: Self.self)),
      Measure("product_over_layers", product, unit: "times"),
    ]
    if let gain = gain(kernel, exam) {
      message += " On the data it turns signals of 1 into \(Wording.number(gain)) at the start."
      evidence.append(Measure("signal_gain", gain, unit: "output / input, root mean squares"))
    }
    if let proof { message += " " + proof.text }
    return Finding(
      Self.self, proof?.severity ?? (harmless ? .note : isError ? .error : .warning),
      at: Place(.parameter, kernel.parameter.name), message,
      evidence: evidence + (proof?.evidence ?? []),
      tensors: [kernel.parameter.tensor] + kernel.node.outputs, remaining: proof?.remaining,
      facts: Facts(parameter: kernel.parameter.tensor))
  }

  /// How much the layer enlarges its input at the start, by root mean squares.
  private func gain(_ kernel: Examination.Kernel, _ exam: Examination) -> Double? {
    guard let snapshot = exam.snapshots.first(where: \.isStart),
      let input = kernel.node.inputs.first.flatMap({ $0 }),
      let before = snapshot.vitals.activations[input]?.magnitude, before > 0,
      let after = kernel.node.outputs.first.flatMap({ snapshot.vitals.activations[$0]?.magnitude })
    else { return nil }
    return after / before
  }
}

extension InitializationScale {
  /// Values of a size with alternating signs.
  private static func rows(_ units: Int, _ width: Int, _ size: Float) -> [[Float]] {
    (0..<units).map { unit in
      (0..<width).map { (unit + $0) % 2 == 0 ? size : -size * (1 + Float(unit) / 100) }
    }
  }

  private static func network(_ net: inout RunBuilder, first: Float, second: Float) {
    net.input([[1, -2, 0.5, 1], [-1, 0.5, 1, 0.2], [0.3, -2, 1, 2]])
    net.dense("fc1", rows(8, 4, first), initial: rows(8, 4, first))
    net.layer("Relu")
    net.dense("fc2", rows(8, 8, second), initial: rows(8, 8, second))
    net.layer("Relu")
    net.dense("fc3", rows(1, 8, 0.3), initial: rows(1, 8, 0.3))
    net.loss("mse", shape: [3, 1], [1, 2, 3])
  }

  private static let examples: [Example] = [
    .fires("weights of 5 between eight units", at: ["fc2.weight"]) {
      network(&$0, first: 0.5, second: 5)
    },
    .fires("weights of a thousandth", at: ["fc1.weight", "fc2.weight"]) {
      network(&$0, first: 0.001, second: 0.001)
    },
    .silent("He's size") { network(&$0, first: 0.7, second: 0.5) },
    .silent("PyTorch's default, which is smaller") { network(&$0, first: 0.29, second: 0.2) },
    .silent("a kernel of two weights by chance") { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[0.9, -1.9]], initial: [[0.9, -1.9]])
      net.loss("mse", shape: [2, 1], [1, 2])
    },
    .cannotTell("no initial weights of a trained model") { net in
      net.input([[1, 2], [3, 4]])
      net.dense("fc", [[50, -70]])
      net.loss("mse", shape: [2, 1], [1, 2])
      net.training["epochs"] = .int(3)
    },
  ]
}
