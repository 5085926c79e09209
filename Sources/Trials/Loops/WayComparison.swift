import Glibc

/// Where a parameter went in the training, beside where several plays took it.
struct WayComparison {
  /// The largest cosine of the training's way with that of a play.
  let cosine: Double
  /// The smallest cosine between those of two plays.
  let agreement: Double
  /// The norm of the training's way over the mean of the plays'.
  let ratio: Double

  /// Radians from the training to the nearest play.
  var off: Double { acos(min(1, max(-1, cosine))) }
  /// Radians between the two plays that are farthest apart.
  var apart: Double { acos(min(1, max(-1, agreement))) }

  /// - Returns: nil where the training or a play did not move it.
  init?(_ own: [Float], _ plays: [[Float]]) {
    let norms = plays.map { Self.dot($0, $0).squareRoot() }
    let norm = Self.dot(own, own).squareRoot()
    guard norm > 0, norm.isFinite, norms.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var agreement = 1.0
    for a in plays.indices {
      for b in 0..<a {
        agreement = min(agreement, Self.dot(plays[a], plays[b]) / (norms[a] * norms[b]))
      }
    }
    self.agreement = agreement
    cosine = zip(plays, norms).map { Self.dot($0, own) / ($1 * norm) }.max() ?? 0
    ratio = norm / (norms.reduce(0, +) / Double(max(1, norms.count)))
  }

  private static func dot(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for i in 0..<min(a.count, b.count) { sum += Double(a[i]) * Double(b[i]) }
    return sum
  }
}
