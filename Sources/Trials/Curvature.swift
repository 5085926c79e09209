import Runs
import Tensors

/// The largest curvature of the loss that a step of the training meets.
public struct Curvature: Sendable {
  /// The largest eigenvalue of P^½·H·P^½, with H the Hessian of the loss by the trainable parameters
  /// and P the factor that the optimizer puts before the gradient.
  public let largest: Double
  /// How far the last two estimates were apart, relative to the last.
  public let change: Double

  /// Estimates it by power iteration on differences of gradients: H·v ≈ (g(w + δv) − g(w − δv)) / 2δ
  /// (Pearlmutter 1994; LeCun, Simard & Pearlmutter 1993).
  ///
  /// - Parameters:
  ///   - stepper: the run at the weights in question; they are the same afterwards.
  ///   - rows: the rows of the batch over which the loss is taken.
  ///   - factors: by slot, the diagonal of P; nil for 1 everywhere.
  ///   - iterations: at the most; it ends earlier once two estimates agree to 1 %.
  /// - Returns: nil when a gradient is not finite or everything is flat.
  /// - Throws: `RunError` when the run cannot be replayed.
  public static func estimate(
    _ stepper: Stepper, rows: Range<Int>, factors: [[Float]]? = nil, iterations: Int = 20
  ) throws(RunError) -> Curvature? {
    let base = stepper.slots.map { Array($0.values) }
    defer { restore(base, to: stepper) }
    let roots = factors?.map { $0.map { max(0, $0).squareRoot() } }
    var random = FixedRandom(seed: 7)
    var v = stepper.slots.map { slot in
      slot.values.indices.map { _ in Float(random.normal()) }
    }
    guard normalize(&v) > 0 else { return nil }
    let size = norm(base)
    var estimate = 0.0
    var change = Double.infinity
    var shift = 0.0
    for step in 0..<iterations {
      guard
        var next = try product(stepper, rows, base: base, v: v, roots: roots, size: size)
      else { return nil }
      let rayleigh = dot(v, next)
      for slot in next.indices {
        for i in next[slot].indices { next[slot][i] += Float(shift) * v[slot][i] }
      }
      change = abs(rayleigh - estimate) / max(abs(rayleigh), .leastNormalMagnitude)
      estimate = rayleigh
      guard normalize(&next) > 0 else { return nil }
      v = next
      if step > 3, change < 0.01 {
        // The iteration finds the largest magnitude: a negative one is shifted out of the way.
        guard estimate < 0, shift == 0 else { break }
        shift = -estimate
        change = .infinity
      }
    }
    return Curvature(largest: estimate, change: change)
  }

  /// P^½·H·P^½·v.
  private static func product(
    _ stepper: Stepper, _ rows: Range<Int>, base: [[Float]], v: [[Float]], roots: [[Float]]?,
    size: Double
  ) throws(RunError) -> [[Float]]? {
    var direction = v
    if let roots {
      for slot in v.indices { for i in v[slot].indices { direction[slot][i] *= roots[slot][i] } }
    }
    let length = norm(direction)
    guard length > 0 else { return nil }
    let delta = Float(1e-3 * max(size, 1e-3) / length)
    guard let ahead = try gradient(stepper, rows, base, direction, delta),
      let behind = try gradient(stepper, rows, base, direction, -delta)
    else { return nil }
    var result = ahead
    for slot in result.indices {
      for i in result[slot].indices {
        let slope = (ahead[slot][i] - behind[slot][i]) / (2 * delta)
        result[slot][i] = slope * (roots?[slot][i] ?? 1)
      }
    }
    return result
  }

  /// The gradient at `base + delta · direction`; nil when it is not finite.
  private static func gradient(
    _ stepper: Stepper, _ rows: Range<Int>, _ base: [[Float]], _ direction: [[Float]],
    _ delta: Float
  ) throws(RunError) -> [[Float]]? {
    for (slot, entry) in stepper.slots.enumerated() {
      for i in entry.values.indices {
        entry.values[i] = base[slot][i] + delta * direction[slot][i]
      }
    }
    let loss = try stepper.gradient(rows)
    guard loss.isFinite else { return nil }
    let result = stepper.slots.indices.map { Array(stepper.gradient(of: $0)) }
    return result.allSatisfy { $0.allSatisfy(\.isFinite) } ? result : nil
  }

  private static func restore(_ base: [[Float]], to stepper: Stepper) {
    for (slot, entry) in stepper.slots.enumerated() {
      for i in entry.values.indices { entry.values[i] = base[slot][i] }
    }
  }

  private static func dot(_ a: [[Float]], _ b: [[Float]]) -> Double {
    var total = 0.0
    for (x, y) in Swift.zip(a, b) { for i in x.indices { total += Double(x[i]) * Double(y[i]) } }
    return total
  }

  private static func norm(_ a: [[Float]]) -> Double { dot(a, a).squareRoot() }

  /// Scales to length 1; the length before.
  private static func normalize(_ a: inout [[Float]]) -> Double {
    let length = norm(a)
    guard length > 0, length.isFinite else { return 0 }
    for slot in a.indices { for i in a[slot].indices { a[slot][i] /= Float(length) } }
    return length
  }
}
