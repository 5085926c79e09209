import Tensors

/// Cross-entropy of one event with the probability that the model gives it.
///
/// Frameworks differ in how they keep log 0 out. Keras clips the probabilities, and what it clips
/// gets no gradient; PyTorch clamps the logarithms, and its gradient is that of the open formula
/// with a floor under the denominator.
struct BinaryCrossEntropy: TernaryLoss {
  static let info = LossInfo(
    kind: "bce", summary: "Binary cross-entropy on probabilities.",
    formula: "−w t log p − (1 − t) log(1 − p), w the weight of the positive event",
    settings: [
      AttributeInfo(
        "clip", default: "0",
        "bound on probabilities (Keras: 1e-7), or on their logarithms when negative "
          + "(PyTorch: −100); 0: none"), .eventSmoothing,
    ], weights: .positiveWeight, head: .probabilities, targets: .probabilities,
    samples: [0.0, 0.05, -100].map { clip in
      LossSample(
        [4, 7], [4, 7], range: 0.1...0.9, targets: 0...1, settings: ["clip": .float(clip)])
    }
      + [0.05, -100].map { clip in
        LossSample(
          [4, 3], [4, 3], range: 0.1...0.9, targets: 0...1,
          settings: ["clip": .float(clip), "label_smoothing": .float(0.1)],
          weights: LossSample.Operand([1, 3], [0.5, 1, 4]))
      })

  static let sameShape = true

  /// Bounds on probabilities; those of a clip of 0 let everything pass.
  let low: Float
  let high: Float
  /// The bound on logarithms; −infinity lets everything pass.
  let floor: Float
  let smoothing: Float

  init(_ settings: Attributes) throws(OperatorError) {
    let clip = Float(try settings.float("clip", default: 0))
    guard clip < 0.5 else {
      throw .attribute("clip", found: "\(clip)", expected: "less than 0.5")
    }
    low = clip > 0 ? clip : -Float.infinity
    high = clip > 0 ? 1 - clip : Float.infinity
    floor = clip < 0 ? clip : -Float.infinity
    smoothing = try settings.eventSmoothing()
  }

  var constants: LossConstants { LossConstants(smoothing: Double(smoothing)) }

  @inline(__always) func value(_ p: Vector, _ t: Vector, _ third: Vector) -> Vector {
    let t = smoothed(t, smoothing)
    let bounded = p.replacing(with: low, where: p .< low).replacing(with: high, where: p .> high)
    let (yes, no) = (log(bounded), log1p(-bounded))
    let logYes = yes.replacing(with: floor, where: yes .< floor)
    let logNo = no.replacing(with: floor, where: no .< floor)
    // 0 · log 0 is 0: an event that is certain and happens costs nothing.
    let no0 = ((t - 1) * logNo).replacing(with: 0, where: t .== 1)
    return no0 - (third * (t * logYes)).replacing(with: 0, where: t .== 0)
  }

  @inline(__always)
  func slopes(_ p: Vector, _ t: Vector, _ third: Vector) -> (prediction: Vector, third: Vector) {
    let t = smoothed(t, smoothing)
    // −w t / p + (1 − t) / (1 − p) over one denominator.
    let difference = p - t - (third - 1) * (t * (1 - p))
    let variance = p * (1 - p)
    guard floor == -Float.infinity else {
      return (difference / variance.replacing(with: 1e-12, where: variance .< 1e-12), .zero)
    }
    let slope = difference / variance
    return (slope.replacing(with: 0, where: (p .< low) .| (p .> high)), .zero)
  }
}
