import Tensors

/// Cross-entropy with the probabilities along axis 1 that the model gives, with class indices or
/// with one probability per class as targets.
///
/// Keras divides by the sum of the classes and clips to [ε, 1 − ε]; what it clips gets no gradient.
/// A class that the target leaves out adds nothing, even where its probability is 0.
struct CategoricalCrossEntropy: ClassLoss {
  static let info = LossInfo(
    kind: "categorical-cross-entropy", summary: "Cross-entropy on probabilities.",
    formula: "−Σ_c w_c q_c log r_c, q the smoothed target, r_c = p_c or p_c / Σ p, clipped",
    settings: [
      AttributeInfo("clip", default: "0", "bound on probabilities (Keras: 1e-7); 0: none"),
      AttributeInfo(
        "normalize", default: "false", "whether the framework divides by the sum of the classes"),
      .ignoreIndex,
      AttributeInfo("label_smoothing", default: "0", "share of q spread evenly over the classes"),
    ], weights: .classWeight, head: .probabilities, targets: .classes,
    samples: [
      LossSample([4, 3], [4], range: 0.2...0.9, classes: 3),
      LossSample([4, 3], [4, 3], range: 0.2...0.9, targets: 0...1),
      LossSample(
        [3, 19], [3, 19], range: 0.2...0.9, targets: 0...1,
        settings: ["normalize": .int(1), "clip": .float(1e-7), "label_smoothing": .float(0.2)]),
      .weighted(
        [2, 3, 5], [2, 5], range: 0.2...0.9, classes: 3,
        settings: ["normalize": .int(1), "clip": .float(0.05)], [0.5, 1, 3]),
      .weighted(
        [6, 4], [6], range: 0.2...0.9, classes: 4,
        settings: ["label_smoothing": .float(0.1), "ignore_index": .int(2)], [1, 2, 3, 0.5]),
    ])

  let low: Float
  let high: Float
  let normalize: Bool
  let ignoreIndex: Int?
  let smoothing: Double

  init(_ settings: Attributes) throws(OperatorError) {
    let clip = Float(try settings.float("clip", default: 0))
    guard (0..<0.5).contains(clip) else {
      throw .attribute("clip", found: "\(clip)", expected: "0 to less than 0.5")
    }
    low = clip > 0 ? clip : -Float.infinity
    high = clip > 0 ? 1 - clip : Float.infinity
    normalize = try settings.flag("normalize", default: false)
    ignoreIndex = try settings.ignoreIndex()
    smoothing = try Self.smoothing(settings)
  }

  func term(
    _ row: ClassRow, _ prediction: ClassRow.Floats, gradient: ClassRow.Floats?, scale: Float,
    adding: Bool
  ) -> Double {
    var whole: Float = 1
    if normalize {
      var sum = Vector.zero
      forEachVector(row.classes) { lanes in sum += prediction.vector(lanes) }
      whole = sum.total
    }
    var terms = Vector.zero
    // −Σ r_c · (slope by r_c): what the division by the sum gives back to every class.
    var inside = Vector.zero
    forEachVector(row.classes) { lanes in
      let r = prediction.vector(lanes) / whole
      let q = row.target.vector(lanes)
      let bounded = r.replacing(with: low, where: r .< low).replacing(with: high, where: r .> high)
      terms -= (q * log(bounded)).replacing(with: 0, where: q .== 0)
      let passes = (r .>= low) .& (r .<= high) .& (q .!= 0)
      inside += Vector.zero.replacing(with: q, where: passes)
      row.scratch.store(lanes, Vector.zero.replacing(with: -q / r, where: passes))
    }
    if let gradient {
      let back = normalize ? inside.total : 0
      forEachVector(row.classes) { lanes in
        let slope = (row.scratch.vector(lanes) + back) * (scale / whole)
        gradient.store(lanes, adding ? gradient.vector(lanes) + slope : slope)
      }
    }
    return Double(terms.total)
  }
}
