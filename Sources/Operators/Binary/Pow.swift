import Glibc
import Tensors

/// A power. Whole exponents of negative bases have a sign as they should; other exponents of negative
/// bases give NaN. The gradients follow PyTorch: 0 for the base under an exponent of 0, 0 for the
/// exponent over a base of 0, and 0 for an exponent that is known before any data.
struct Pow: Pairwise {
  static let info = OperatorInfo(
    name: "Pow", summary: "Power; the operands broadcast.", formula: "y = a^b", inputs: 2...2,
    facts: [.steepAtZero],
    samples: positivePairSamples + [
      GradientSample([[3, 5], []], constants: [1: [2]]),
      GradientSample([[2, 17], [1]], constants: [1: [3]]),
      GradientSample([[2, 17], []], range: 0.7...2, constants: [1: [0.5]]),
      GradientSample([[2, 17], []], range: 0.7...2, constants: [1: [-1.5]]),
    ])

  init(_ attributes: Attributes) {}

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let exponent = try inputs.required(1)
    if let values = exponent.constant, values.count != exponent.shape.count {
      throw .shapes(
        found: "\(values.count) exponents of shape \(exponent.shape)",
        expected: "\(exponent.shape.count)")
    }
    return [try commonShape([inputs.required(0), exponent])]
  }

  /// With even exponents that are known before any data.
  func isNeverNegative(_ inputs: [Operand?]) -> Bool {
    guard let exponents = inputs.optional(1)?.constant, !exponents.isEmpty else { return false }
    return exponents.allSatisfy { $0.remainder(dividingBy: 2) == 0 }
  }

  func makeKernel(
    _ inputs: [Operand?], _ outputs: [Shape]
  ) throws(OperatorError) -> any Kernel {
    PowKernel(
      pullback: try Pullback(inputs, outputs),
      known: inputs.optional(1)?.constant?.map { Float($0) })
  }

  func value(_ a: Vector, _ b: Vector) -> Vector { lanewise(a, b) }

  func exact(_ a: Double, _ b: Double) -> Double { Glibc.pow(a, b) }
}

/// Both directions of a power.
private struct PowKernel: Kernel {
  let pullback: Pullback
  /// The exponents, when they are known before any data.
  let known: [Float]?

  func forward(_ node: Forward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    let y = node.outputs[0]
    if b.count == 1, y.count == a.count {
      power(a, known?.first ?? b.base[0], into: y)
    } else {
      combine(a, b, into: y) { lanewise($0, $1) }
    }
  }

  func backward(_ node: Backward) {
    guard let a = node.inputs.optional(0), let b = node.inputs.optional(1) else { return }
    if let da = node.inputGradients.optional(0), b.count == 1, da.count == node.outputs[0].count {
      // dy · b · a^(b − 1)
      let exponent = known?.first ?? b.base[0]
      let dy = node.outputGradients[0]
      if exponent == 0 {
        da.fill(0)
      } else {
        power(a, exponent - 1, into: da)
        zip(da, dy, into: da) { $0 * (exponent * $1) }
      }
    } else {
      pullback(node, 0) { a, b, y, dy in
        (dy * (b * lanewise(a, b - 1))).replacing(with: 0, where: b .== 0)
      }
    }
    guard known == nil else {
      node.inputGradients.optional(1)?.fill(0)
      return
    }
    pullback(node, 1) { a, b, y, dy in
      (dy * (y * log(a))).replacing(with: 0, where: (a .== 0) .& (b .>= 0))
    }
  }

  /// One exponent for all: the common ones without a call for each element.
  private func power(_ a: Tensor, _ exponent: Float, into y: Tensor) {
    switch exponent {
    case 0: y.fill(1)
    case 1: y.copy(a)
    case 2: map(a, into: y) { $0 * $0 }
    case 3: map(a, into: y) { $0 * ($0 * $0) }
    case 4: map(a, into: y) { ($0 * $0) * ($0 * $0) }
    case -1: map(a, into: y) { 1 / $0 }
    case -2: map(a, into: y) { 1 / ($0 * $0) }
    case 0.5: map(a, into: y) { root($0) }
    case -0.5: map(a, into: y) { 1 / root($0) }
    default:
      let repeated = Vector(repeating: exponent)
      map(a, into: y) { lanewise($0, repeated) }
    }
  }

  /// a^½, which differs from √a at −0 and −∞.
  @inline(__always) private func root(_ a: Vector) -> Vector {
    (a + 0).squareRoot().replacing(with: Float.infinity, where: a .== -Float.infinity)
  }
}

/// The power of each lane, from libm.
private func lanewise(_ a: Vector, _ b: Vector) -> Vector {
  var y = Vector.zero
  for lane in 0..<16 { y[lane] = powf(a[lane], b[lane]) }
  return y
}
