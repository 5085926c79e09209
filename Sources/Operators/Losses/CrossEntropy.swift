import Glibc
import Tensors

/// Cross-entropy of a softmax over axis 1 of the logits, with class indices or with one probability
/// a class as targets; PyTorch's definition with its class weights, ignored index and smoothing.
///
/// Sums leave out the largest class, whose exponential is exactly 1: a loss of 1e-9 and its
/// gradient keep their digits in float32, where 1 + 1e-9 would be 1.
struct CrossEntropy: ClassLoss {
  static let info = LossInfo(
    kind: "cross-entropy", summary: "Softmax cross-entropy on logits.",
    formula: "−Σ_c w_c q_c log softmax(p)_c, q the smoothed target",
    settings: [
      .ignoreIndex,
      AttributeInfo("label_smoothing", default: "0", "share of q spread evenly over the classes"),
    ], weights: .classWeight, head: .logits, targets: .classes,
    samples: [
      LossSample([4, 3], [4], classes: 3),
      LossSample([3, 37], [3], classes: 37),
      .weighted([2, 3, 5], [2, 5], classes: 3, [0.5, 1, 3]),
      LossSample([4, 3], [4, 3], targets: 0...1),
      LossSample(
        [2, 3, 5], [2, 3, 5], targets: 0...1, settings: ["label_smoothing": .float(0.2)]),
      .weighted(
        [6, 4], [6], classes: 4,
        settings: ["label_smoothing": .float(0.1), "ignore_index": .int(2)], [1, 2, 3, 0.5]),
    ])

  let ignoreIndex: Int?
  let smoothing: Double

  init(_ settings: Attributes) throws(OperatorError) {
    ignoreIndex = try settings.ignoreIndex()
    smoothing = try Self.smoothing(settings)
  }

  func term(
    _ row: ClassRow, _ logits: ClassRow.Floats, gradient: ClassRow.Floats?, scale: Float,
    adding: Bool
  ) -> Double {
    let top = largest(logits, row.classes)
    guard top.isFinite else {
      // None at all, or the largest is infinite: NaN, as every framework has it.
      for c in 0..<row.classes { gradient?[c] = .nan }
      return row.classes == 0 ? 0 : .nan
    }
    var (rest, ties, mass, gaps) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
    forEachVector(row.classes) { lanes in
      let gap = top - logits.vector(lanes)
      let q = row.target.vector(lanes)
      let e = exp(-gap)
      row.scratch.store(lanes, e)
      let tie = (gap .== 0) .& lanes.mask
      ties += Vector.zero.replacing(with: 1, where: tie)
      rest += e.replacing(with: 0, where: tie .| .!lanes.mask)
      mass += q
      // A class without weight may have a logit of −infinity.
      gaps += (q * gap).replacing(with: 0, where: q .== 0)
    }
    let (count, small, weight) = (Double(ties.total), Double(rest.total), mass.total)
    let logarithm = count == 1 ? Glibc.log1p(small) : Glibc.log(count + small)
    if let gradient {
      let factor = Float(Double(scale) / (count + small))
      let (whole, part) = (Float(count), Float(small))
      forEachVector(row.classes) { lanes in
        let q = row.target.vector(lanes)
        // weight · e − q · (count + small), where the first two cancel exactly for a sure hit.
        let slope = (weight * row.scratch.vector(lanes) - q * whole - q * part) * factor
        gradient.store(lanes, adding ? gradient.vector(lanes) + slope : slope)
      }
    }
    return Double(weight) * logarithm + Double(gaps.total)
  }
}
