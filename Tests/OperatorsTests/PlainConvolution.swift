import Tensors
import Testing

@testable import Operators

/// Conv and ConvTranspose by their definition: one walk over all products, in double.
struct PlainConvolution: Sendable, CustomTestStringConvertible {
  var transposed = false
  var groups = 1
  /// Samples, channels and spatial lengths.
  let x: [Int]
  let w: [Int]
  /// Spatial lengths of the output, as worked out by hand.
  let output: [Int]
  var strides: [Int]?
  var dilations: [Int]?
  /// What ONNX's `pads` are, or what they come to.
  var pads: [Int]?
  var bias = true
  var attributes: [String: AttributeValue] = [:]

  var testDescription: String { "\(name) \(x) \(w) \(attributes)" }
  var name: String { transposed ? "ConvTranspose" : "Conv" }
  var outputChannels: Int { transposed ? w[1] * groups : w[0] }
  var y: [Int] { [x[0], outputChannels] + output }

  /// Calls `body` with the flat indices of y, w and x for every product.
  private func forEachProduct(_ body: (_ y: Int, _ w: Int, _ x: Int) -> Void) {
    let (inside, outside) = (x[1] / groups, outputChannels / groups)
    let (xs, ys) = (Array(x.dropFirst(2)), output)
    let narrow = transposed ? xs : ys
    for n in 0..<x[0] {
      for g in 0..<groups {
        for o in 0..<outside {
          for c in 0..<inside {
            for place in Self.indices(narrow) {
              for tap in Self.indices(Array(w.dropFirst(2))) {
                let wide = xs.indices.map { axis in
                  let start: Int = place[axis] * (strides?[axis] ?? 1) - (pads?[axis] ?? 0)
                  return start + tap[axis] * (dilations?[axis] ?? 1)
                }
                let (xp, yp) = transposed ? (place, wide) : (wide, place)
                guard zip(xp, xs).allSatisfy({ $0 >= 0 && $0 < $1 }),
                  zip(yp, ys).allSatisfy({ $0 >= 0 && $0 < $1 })
                else { continue }
                let front = transposed ? [g * inside + c, o] : [g * outside + o, c]
                body(
                  Self.flat([n, g * outside + o] + yp, y), Self.flat(front + tap, w),
                  Self.flat([n, g * inside + c] + xp, x))
              }
            }
          }
        }
      }
    }
  }

  /// The output and the gradients of a projection of it: of x, w and b.
  func evaluate(
    _ values: [[Float]?], _ slopes: [Float]
  ) -> (y: [Float], gradients: [[Float]]) {
    let (xv, wv) = (values[0] ?? [], values[1] ?? [])
    let plane = output.reduce(1, *)
    var sums = slopes.indices.map { Double(values[2]?[$0 / plane % outputChannels] ?? 0) }
    var (dx, dw) = (xv.map { _ in 0.0 }, wv.map { _ in 0.0 })
    forEachProduct { y, w, x in
      sums[y] += Double(wv[w]) * Double(xv[x])
      dx[x] += Double(wv[w]) * Double(slopes[y])
      dw[w] += Double(xv[x]) * Double(slopes[y])
    }
    var db = [Double](repeating: 0, count: outputChannels)
    for (i, slope) in slopes.enumerated() { db[i / plane % outputChannels] += Double(slope) }
    return (sums.map(Float.init), [dx, dw, db].map { $0.map(Float.init) })
  }

  private static func indices(_ lengths: [Int]) -> [[Int]] {
    lengths.reduce([[]]) { partial, length in
      partial.flatMap { start in (0..<length).map { start + [$0] } }
    }
  }

  private static func flat(_ index: [Int], _ lengths: [Int]) -> Int {
    zip(index, lengths).reduce(0) { $0 * $1.1 + $1.0 }
  }
}
