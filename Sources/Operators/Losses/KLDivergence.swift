import Tensors

/// How far a predicted distribution is from that of the targets.
///
/// PyTorch takes logarithms of the prediction; Keras takes probabilities, clips both to [ε, 1], and
/// averages over everything but the last axis. What it clips gets no gradient.
struct KLDivergence: ElementwiseLoss {
  static let info = LossInfo(
    kind: "kl-div", summary: "Kullback–Leibler divergence of distributions.",
    formula: "t (log t − p), p a log-probability; or t (log t − log p)",
    settings: [
      AttributeInfo("log_input", default: "true", "whether p is a log-probability"),
      AttributeInfo("log_target", default: "false", "whether the targets are log-probabilities"),
      AttributeInfo(
        "clip", default: "0",
        "lower bound on p and t where they are probabilities (Keras: 1e-7); 0: none"),
      AttributeInfo(
        "batch_mean", default: "false", "whether a mean divides by the samples, not by elements"),
      AttributeInfo(
        "row_mean", default: "false",
        "whether a mean divides by the rows along the last axis (Keras), not by elements"),
    ], head: .logProbabilities, targets: .distributions,
    samples: [
      LossSample([4, 3], [4, 3], range: -3...0, targets: 0...1),
      LossSample(
        [3, 19], [3, 19], range: -3...0, targets: -3...0,
        settings: ["log_target": .int(1), "batch_mean": .int(1)]),
      LossSample(
        [2, 3, 5], [2, 3, 5], range: 0.3...1, targets: 0.1...1,
        settings: ["log_input": .int(0), "clip": .float(1e-7), "row_mean": .int(1)]),
    ])

  let logInput: Bool
  let logTarget: Bool
  /// The bounds on probabilities; those of a clip of 0 let everything pass.
  let low: Float
  let high: Float
  let divisor: Divisor

  enum Divisor { case elements, rows, samples }

  init(_ settings: Attributes) throws(OperatorError) {
    logInput = try settings.flag("log_input", default: true)
    logTarget = try settings.flag("log_target", default: false)
    let clip = Float(try settings.float("clip", default: 0))
    guard (0..<1).contains(clip) else {
      throw .attribute("clip", found: "\(clip)", expected: "0 to less than 1")
    }
    low = clip > 0 ? clip : -Float.infinity
    high = clip > 0 ? 1 : Float.infinity
    let rows = try settings.flag("row_mean", default: false)
    let samples = try settings.flag("batch_mean", default: false)
    guard !(rows && samples) else {
      throw .attribute("row_mean", found: "true", expected: "false beside batch_mean")
    }
    divisor = rows ? .rows : samples ? .samples : .elements
  }

  var head: LossInfo.Head { logInput ? .logProbabilities : .probabilities }

  var constants: LossConstants { LossConstants(logarithms: logTarget) }

  func normalizer(prediction: Shape, target: Tensor, weights: Tensor?) -> Double {
    guard let shape = Broadcast(prediction, target.shape)?.shape else { return 0 }
    switch divisor {
    case .elements: return Double(shape.count)
    case .rows: return Double(shape.dims.dropLast().reduce(1, *))
    case .samples: return Double(prediction.dims.first ?? 1)
    }
  }

  @inline(__always) private func bounded(_ x: Vector) -> Vector {
    x.replacing(with: low, where: x .< low).replacing(with: high, where: x .> high)
  }

  /// The target's probability.
  @inline(__always) private func share(_ t: Vector) -> Vector {
    logTarget ? exp(t) : bounded(t)
  }

  @inline(__always) func value(_ p: Vector, _ t: Vector) -> Vector {
    let share = share(t)
    // PyTorch lets an impossible prediction show even where the target leaves it out.
    if logTarget { return share * (t - (logInput ? p : log(bounded(p)))) }
    let theirs = (share * log(share)).replacing(with: 0, where: share .== 0)
    if logInput { return theirs - share * p }
    return theirs - (share * log(bounded(p))).replacing(with: 0, where: share .== 0)
  }

  @inline(__always) func slope(_ p: Vector, _ t: Vector) -> Vector {
    let share = share(t)
    guard !logInput else { return -share }
    return (-share / p).replacing(with: 0, where: (p .< low) .| (p .> high) .| (share .== 0))
  }
}
