import Glibc
import Tensors
import Testing

@testable import Operators

/// A term of a loss in double.
struct Term: Sendable, CustomTestStringConvertible {
  let kind: String
  var settings: [String: AttributeValue] = [:]
  let term: @Sendable (Double, Double) -> Double

  var testDescription: String { "\(kind) \(settings)" }

  static let all = [
    Term(kind: "mse") { p, t in (p - t) * (p - t) },
    Term(kind: "l1") { p, t in abs(p - t) },
    Term(kind: "smooth-l1", settings: ["beta": .int(0)]) { p, t in abs(p - t) },
    Term(kind: "smooth-l1", settings: ["beta": .float(0.5)]) { p, t in
      abs(p - t) < 0.5 ? (p - t) * (p - t) : abs(p - t) - 0.25
    },
    Term(kind: "huber", settings: ["delta": .int(2)]) { p, t in
      abs(p - t) <= 2 ? 0.5 * (p - t) * (p - t) : 2 * (abs(p - t) - 1)
    },
    Term(kind: "bce-with-logits") { p, t in Glibc.log1p(Glibc.exp(p)) - p * t },
  ]
}

/// Losses against their definitions, in double and element by element.
@Suite struct LossReferenceTests {
  static let pairs: [(Float, Float)] = [
    (0.9, 1), (0.2, 0), (0.5, 0.25), (-3, 2), (4, -1.5), (0.1, 0.1), (1.5, 0.5), (-0.2, 0.7),
  ]

  @Test(arguments: Term.all)
  func `terms of differences`(reference: Term) throws {
    let term = reference.term
    let loss = try LossRegistry.make(reference.kind, reference.settings)
    for (p, t) in Self.pairs {
      let found = try LossResult(loss, [1, 1], [p], [1, 1], [t])
      let expected = term(Double(p), Double(t))
      #expect(abs(found.sum - expected) < 1e-6 * max(1, abs(expected)))
      #expect(found.normalizer == 1)
    }
    let together = try LossResult(
      loss, [Self.pairs.count], Self.pairs.map(\.0), [Self.pairs.count], Self.pairs.map(\.1))
    let sum = Self.pairs.reduce(0.0) { $0 + term(Double($1.0), Double($1.1)) }
    #expect(abs(together.sum - sum) < 1e-5)
    #expect(together.normalizer == Double(Self.pairs.count))
  }

  @Test func `every pair meets when shapes broadcast`() throws {
    let loss = try LossRegistry.make("mse", [:])
    let (p, t): ([Float], [Float]) = ([1, 2, 4], [0, 3, 5])
    let found = try LossResult(loss, [3, 1], p, [3], t, scale: 0.5)
    #expect(found.normalizer == 9)
    #expect(found.sum == 21 + 14 + 18)
    // ½ · 2 · Σ_t (p − t)
    #expect(found.gradient == [-5, -2, 4])
  }

  /// Columns: clip, probability, target, term, slope.
  @Test(
    arguments: [
      (0, 0.25, 1, 1.386_294_361, -4), (0, 0.25, 0, 0.287_682_072, 1.333_333_333),
      (0, 0.25, 0.5, 0.836_988_217, -1.333_333_333),
      // Keras: what is clipped has no slope; 1 − 1e-7 is 1 − 2⁻²³ in float32.
      (1e-7, 0, 1, 16.118_095_651, 0), (1e-7, 1, 0, 15.942_385_152, 0),
      (1e-7, 0.25, 1, 1.386_294_361, -4), (0.3, 0.2, 1, 1.203_972_804, 0),
      // PyTorch: the logarithm ends at −100, the slope at 1e12.
      (-100, 0, 1, 100, -1e12), (-100, 1, 0, 100, 1e12), (-100, 1, 1, 0, 0),
      (-100, 0, 0, 0, 0), (-100, 0.25, 1, 1.386_294_361, -4),
    ] as [(Double, Float, Float, Double, Double)])
  func `binary cross-entropy at the ends`(
    clip: Double, p: Float, t: Float, term: Double, slope: Double
  ) throws {
    let loss = try LossRegistry.make("bce", ["clip": .float(clip)])
    let found = try LossResult(loss, [1], [p], [1], [t])
    #expect(abs(found.sum - term) < 1e-5)
    #expect(abs(Double(found.gradient[0]) - slope) <= 1e-6 * max(1, abs(slope)))
  }

  @Test func `logits may be large`() throws {
    let loss = try LossRegistry.make("bce-with-logits", [:])
    let found = try LossResult(
      loss, [5], [100, -100, 1000, 20, -20], [5], [1, 0, 0, 1, 0])
    #expect(abs(found.sum - 1000) < 1e-3)
    let sure = try LossResult(loss, [1], [20], [1], [1])
    #expect(abs(sure.sum / Glibc.log1p(Glibc.exp(-20)) - 1) < 1e-6)
  }

  /// The definition of cross-entropy, in double.
  static func crossEntropy(
    _ logits: [Double], _ q: [Double]
  ) -> (term: Double, slopes: [Double]) {
    let top = logits.max() ?? 0
    let exponentials = logits.map { Glibc.exp($0 - top) }
    let sum = exponentials.reduce(0, +)
    let mass = q.reduce(0, +)
    let term = zip(q, logits).reduce(0.0) { $0 + $1.0 * (top + Glibc.log(sum) - $1.1) }
    return (term, zip(exponentials, q).map { mass * $0 / sum - $1 })
  }

  @Test(arguments: [0.0, 0.1, 1])
  func `cross-entropy with everything`(smoothing: Double) throws {
    let (classes, inner, rows) = (21, 3, 2)
    var numbers = Numbers(3)
    let logits = numbers.draw(rows * classes * inner, from: -9...9)
    let weights = numbers.draw(classes, from: 0.1...3).map(Double.init)
    let targets = (0..<(rows * inner)).map { _ in
      Float(Int.random(in: 0..<classes, using: &numbers))
    }
    let ignored = Int(targets[1])
    let loss = try LossRegistry.make(
      "cross-entropy", ["label_smoothing": .float(smoothing), "ignore_index": .int(ignored)])
    let found = try LossResult(
      loss, [rows, classes, inner], logits, [rows, inner], targets, weights: weights)
    var (sum, normalizer) = (0.0, 0.0)
    var gradient = [Float](repeating: 0, count: logits.count)
    for position in targets.indices where Int(targets[position]) != ignored {
      let offsets = (0..<classes).map {
        (position / inner * classes + $0) * inner + position % inner
      }
      let target = Int(targets[position])
      let q = (0..<classes).map {
        weights[$0] * (smoothing / Double(classes) + ($0 == target ? 1 - smoothing : 0))
      }
      let (term, slopes) = Self.crossEntropy(offsets.map { Double(logits[$0]) }, q)
      sum += term
      normalizer += weights[target]
      for (offset, slope) in zip(offsets, slopes) { gradient[offset] = Float(slope) }
    }
    #expect(abs(found.sum / sum - 1) < 1e-6)
    #expect(abs(found.normalizer - normalizer) < 1e-5)
    #expect(distance(found.gradient, gradient) < 1e-6)
  }

  /// Nearly certain predictions: value and slopes keep their digits.
  @Test(arguments: [5, 12, 20, 40] as [Float])
  func `a small loss is exact`(margin: Float) throws {
    let loss = try LossRegistry.make("cross-entropy", [:])
    let logits: [Float] = [margin, 0, -1]
    // The definition cancels for the true class: here it is solved for what is left.
    let others = Glibc.exp(-Double(margin)) * (1 + Glibc.exp(-1))
    let exact = Glibc.log1p(others)
    let slope = -others / (1 + others)
    let second = Glibc.exp(-Double(margin)) / (1 + others)
    for target in [[0], [1, 0, 0]] as [[Float]] {
      let found = try LossResult(
        loss, [1, 3], logits, target.count == 1 ? [1] : [1, 3], target)
      #expect(abs(found.sum / exact - 1) < 1e-5)
      #expect(abs(Double(found.gradient[0]) / slope - 1) < 1e-5)
      #expect(abs(Double(found.gradient[1]) / second - 1) < 1e-5)
    }
  }

  @Test func `infinite logits`() throws {
    let loss = try LossRegistry.make("cross-entropy", [:])
    let masked = try LossResult(loss, [1, 3], [0, -.infinity, 0], [1], [0])
    #expect(abs(masked.sum - Glibc.log(2)) < 1e-6)
    #expect(distance(masked.gradient, [-0.5, 0, 0.5]) < 1e-6)
    for logits: [Float] in [
      [-.infinity, -.infinity, -.infinity], [.infinity, 0, 0], [.nan, 0, 0], [0, .nan, -.infinity],
    ] {
      let found = try LossResult(loss, [1, 3], logits, [1], [0])
      #expect(found.sum.isNaN)
      #expect(found.gradient.allSatisfy { $0.isNaN })
    }
    let missed = try LossResult(loss, [1, 2], [0, -.infinity], [1], [1])
    #expect(missed.sum == .infinity)
  }

  @Test func `log-likelihood`() throws {
    let loss = try LossRegistry.make("nll", ["ignore_index": .int(0)])
    let found = try LossResult(
      loss, [3, 3], [-1, -2, -3, -4, -5, -6, -7, -8, -9], [3], [2, 0, 1], weights: [1, 2, 0.5],
      scale: 2)
    #expect(found.sum == 0.5 * 3 + 2 * 8)
    #expect(found.normalizer == 2.5)
    #expect(found.gradient == [0, 0, -1, 0, 0, 0, 0, -4, 0])
  }

  /// Columns: whether p is a logarithm, prediction, target, term.
  @Test(
    arguments: [
      (true, -1, 0, 0), (true, -.infinity, 0, .nan), (true, -.infinity, 0.5, .infinity),
      (false, 0, 0, 0), (false, 0, 0.5, .infinity), (false, 1, 0.5, -0.346_573_59),
    ] as [(Bool, Float, Float, Double)])
  func `a divergence where nothing is likely`(
    logarithm: Bool, p: Float, t: Float, term: Double
  ) throws {
    let loss = try LossRegistry.make("kl-div", ["log_input": .int(logarithm ? 1 : 0)])
    let found = try LossResult(loss, [1], [p], [1], [t]).sum
    #expect(found.isNaN == term.isNaN)
    if !term.isNaN { #expect(found == term || abs(found - term) < 1e-6) }
  }

  /// A mean divides by elements, by samples or by the rows along the last axis.
  @Test(
    arguments: [([:], 24), (["batch_mean": 1], 2), (["row_mean": 1], 6)]
      as [([String: Int], Double)])
  func `what a mean divergence divides by`(settings: [String: Int], expected: Double) throws {
    let loss = try LossRegistry.make("kl-div", settings.mapValues { .int($0) })
    let values = [Float](repeating: -1, count: 24)
    #expect(try LossResult(loss, [2, 3, 4], values, [2, 3, 4], values).normalizer == expected)
  }
}
