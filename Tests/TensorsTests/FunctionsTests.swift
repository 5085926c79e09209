import Glibc
import Tensors
import Testing

/// A vectorized function, its reference, and the error that Functions.swift states for it.
struct Claim: Sendable, CustomTestStringConvertible {
  let name: String
  let ulps: Double
  let domain: @Sendable (Float) -> Bool
  let function: @Sendable (Vector) -> Vector
  let reference: @Sendable (Double) -> Double

  var testDescription: String { name }

  static let all = [
    Claim(name: "exp", ulps: 1, domain: { _ in true }, function: { Tensors.exp($0) }) {
      Glibc.exp($0)
    },
    Claim(name: "log", ulps: 1, domain: { _ in true }, function: { Tensors.log($0) }) {
      Glibc.log($0)
    },
    Claim(name: "tanh", ulps: 1.6, domain: { _ in true }, function: { Tensors.tanh($0) }) {
      Glibc.tanh($0)
    },
    Claim(name: "sigmoid", ulps: 2.5, domain: { _ in true }, function: { sigmoid($0) }) {
      $0 < 0 ? Glibc.exp($0) / (1 + Glibc.exp($0)) : 1 / (1 + Glibc.exp(-$0))
    },
    Claim(name: "softplus", ulps: 3, domain: { _ in true }, function: { softplus($0) }) {
      $0 > 50 ? $0 : Glibc.log1p(Glibc.exp($0))
    },
    Claim(
      name: "log1p", ulps: 3, domain: { $0 >= -1 || $0.isNaN }, function: { Tensors.log1p($0) }
    ) { Glibc.log1p($0) },
  ]

  /// The largest error over those floats, in units of the last place of the true value.
  func worst(_ values: [Float]) -> Double {
    var worst = 0.0
    for start in stride(from: 0, to: values.count, by: 16) {
      let chunk = Array(values[start..<min(start + 16, values.count)])
      let padded = chunk + [Float](repeating: 1, count: 16 - chunk.count)
      let found = function(Vector(padded))
      for (lane, value) in chunk.enumerated() where domain(value) {
        worst = max(worst, Self.distance(found[lane], reference(Double(value))))
      }
    }
    return worst
  }

  static func distance(_ found: Float, _ exact: Double) -> Double {
    let rounded = Float(exact)
    if rounded.isNaN || found.isNaN { return rounded.isNaN == found.isNaN ? 0 : .infinity }
    if rounded.isInfinite || found.isInfinite { return rounded == found ? 0 : .infinity }
    return abs(Double(found) - exact) / Double(rounded.ulp)
  }
}

@Suite struct FunctionsTests {
  /// Floats of every exponent and both signs, each exponent met at other significands.
  static let dense = stride(from: 0, to: UInt64(1) << 32, by: 40_009)
    .map { Float(bitPattern: UInt32($0)) }

  /// Where the functions bend.
  static let central = stride(from: -20, to: 20, by: 0.000_37).map { Float($0) }

  static let corners: [Float] = [
    0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .leastNormalMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, 1, -1, 0.625, -0.625, 88.72, 88.73, 89, -87.3, -87.34, -103.9,
    -103.98, -104, -105, 0.707_106_77, 0.707_106_83, 1.414_213_5, 1.414_213_7,
  ]

  @Test(arguments: Claim.all)
  func `errors are as stated`(claim: Claim) {
    #expect(claim.worst(Self.corners) <= claim.ulps)
    #expect(claim.worst(Self.central) <= claim.ulps)
    #expect(claim.worst(Self.dense) <= claim.ulps)
  }

  @Test func `signs of zero survive`() {
    #expect(Tensors.tanh(Vector(repeating: -0.0))[0].sign == .minus)
    let tiny = -Float.leastNonzeroMagnitude
    #expect(Tensors.tanh(Vector(repeating: tiny))[0] == tiny)
  }
}
