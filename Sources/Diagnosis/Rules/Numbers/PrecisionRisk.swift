import Glibc
import Runs

/// Values that the training's half precision cannot hold.
struct PrecisionRisk: Rule {
  static let underflow = Threshold(
    "underflow", 0.05, unit: "share of the gradients' units", "more that vanish are a warning")

  static let info = RuleInfo(
    id: "precision-risk", title: "Values beyond half precision", severity: .warning,
    evidence: .heuristic,
    summary: """
      The run trains in float16 or bfloat16, and a share of the gradients or activations lies \
      outside of what that type can hold, or steps are lost in its rounding.
      """,
    rationale: """
      float16 ends at 65 504 and has nothing between zero and 6e-8; bfloat16 has the range of
      float32 and a rounding of one in 256. Gradients too small for float16 become zero and weights
      stop learning without any NaN; a loss scale lifts them. Weights held in half precision lose every step
      that is smaller than their rounding: the same training played in float32 then ends elsewhere. The
      replay runs in float32, so that
      what would get lost can be counted: units whose largest gradient over all samples would be
      zero. Gradients are taken as one batch sees them.
      """,
    remedy: "Scale the loss (GradScaler), or keep the layers named in float32.",
    source: "Micikevicius et al., Mixed Precision Training (2018), arXiv:1710.03740",
    thresholds: [underflow], link: .circumstance, examples: examples)

  private static let largest = 65_504.0
  private static let smallest = 0x1p-24

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let precision = exam.run.training.precision
    guard ["float16", "bfloat16"].contains(precision) else { return [] }
    let lost = lost(precision, exam)
    try exam.requireFinite()
    guard precision == "float16" else { return lost }
    return lost + overflow(exam) + underflow(exam)
  }

  /// The training played again in float32, where that ends decisively better and no fault of a loop ends
  /// where the user's did: what differs is the rounding.
  private func lost(_ precision: String, _ exam: Examination) -> [Finding] {
    guard let comparison = try? LoopComparison(exam), Self.explainsLoop(comparison, exam) else {
      return []
    }
    let trials = comparison.trials
    return [
      Finding(
        Self.self, comparison.severity(trials.asSet), at: Place(.run, "training"),
        """
        The same training from the same start, played in float32, \(comparison.cured); yours, in \(precision), \
        ended at \(comparison.ended). A step that is smaller than half of the distance between two numbers of \
        \(precision) changes nothing.
        """,
        evidence: comparison.evidence(trials.others.first),
        remedy:
          "Keep the weights in float32 and let autocast choose what is computed in \(precision).",
        remaining: trials.asSet.end)
    ]
  }

  /// Whether half precision is what sets a training apart from the same one in float32.
  static func explainsLoop(_ comparison: LoopComparison, _ exam: Examination) -> Bool {
    ["float16", "bfloat16"].contains(exam.run.training.precision)
      && comparison.trials.explanation == .otherLoop && comparison.trials.match == nil
  }

  /// Layers with activations beyond the largest number.
  private func overflow(_ exam: Examination) -> [Finding] {
    exam.run.graph.nodes.compactMap { node in
      for output in node.outputs {
        guard let moments = exam.current.activations[output], moments.units > 0 else { continue }
        let size = max(abs(moments.smallest), abs(moments.largest))
        guard size > Self.largest else { continue }
        // The first layer that is too large: what follows it is too.
        let earlier = node.inputs.compactMap { $0 }.contains { input in
          guard let before = exam.current.activations[input], before.units > 0 else { return false }
          return max(abs(before.smallest), abs(before.largest)) > Self.largest
        }
        if earlier { return nil }
        return Finding(
          Self.self, .error, at: Place(.layer, node.layer),
          """
          Proved on \(exam.current.samples) samples: values here reach \(Wording.number(size)), and \
          float16, in which the run trains, ends at 65504.
          """,
          evidence: [Measure("largest", size, threshold: Self.largest)], tensors: [output])
      }
      return nil
    }
  }

  /// Units whose gradient would be zero on every sample.
  private func underflow(_ exam: Examination) -> [Finding] {
    // The replay's gradients are those of a mean over all samples; a batch's are larger.
    let factor = Double(max(1, exam.run.samples)) / Double(max(1, exam.run.batchSize))
    var lost = 0
    var total = 0
    var (low, high) = (Double.infinity, 0.0)
    for gradient in exam.current.gradients.compactMap({ $0 }) {
      for size in gradient.maximum where size > 0 {
        let value = Double(size) * factor
        total += 1
        if value < Self.smallest { lost += 1 }
        low = min(low, value)
        high = max(high, value)
      }
    }
    let limit = exam.value(Self.underflow, of: Self.self)
    guard total > 0, Double(lost) > limit * Double(total) else { return [] }
    let share = Double(lost) / Double(total)
    // The largest power of two that leaves room for gradients sixteen times as large.
    let scale = pow(2, (log2(Self.largest / 16 / high)).rounded(.down))
    let saved = low * scale >= Self.smallest
    return [
      Finding(
        Self.self, .warning, at: Place(.run, "training"),
        """
        The gradients of \(Wording.percent(share)) of all units stay below \
        \(Wording.number(Self.smallest)) on every sample, which float16 makes zero. A loss scale of \
        \(Wording.number(scale)) would hold \(saved ? "all" : "more") of them.
        """,
        evidence: [
          Measure("share_lost", share, unit: "share of the units", threshold: limit),
          Measure("gradient_range", .numbers([low, high])),
          Measure("loss_scale", scale), Measure("scale_saves_all", .bool(saved)),
        ])
    ]
  }
}

extension PrecisionRisk {
  private static func network(
    _ net: inout RunBuilder, _ precision: String, targets: [Float] = [1, 2, 3],
    weight: Float = 0.5
  ) {
    net.input([[1], [2], [3]])
    net.dense("fc", [[weight]])
    net.layer("Tanh")
    net.dense("head", [[0.5]])
    net.loss("mse", shape: [3, 1], targets)
    net.training["precision"] = .string(precision)
  }

  private static let examples: [Example] = [
    .fires("an activation of a million", at: ["fc"]) {
      network(&$0, "float16", weight: 1e6)
    },
    .fires("gradients of a hundred millionth", at: ["training"]) { net in
      net.input([[0.001], [0.002], [0.003]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [3, 1], [0.001_000_01, 0.002_000_02, 0.003_000_03])
      net.training["precision"] = .string("float16")
    },
    .fires("steps that turn back in half precision, and not in float32", at: ["training"]) {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { g, step in step < 30 ? g : -g }
      $0.training["precision"] = .string("bfloat16")
    },
    .silent("the same in float32") { network(&$0, "float32", weight: 1e6) },
    .silent("bfloat16 has the range of float32") { network(&$0, "bfloat16", weight: 1e6) },
    .silent("everything in range") { network(&$0, "float16") },
    .cannotTell("an input is NaN") { net in
      net.input([[1], [.nan]])
      net.dense("fc", [[1]])
      net.loss("mse", shape: [2, 1], [1, 2])
      net.training["precision"] = .string("float16")
    },
  ]
}
