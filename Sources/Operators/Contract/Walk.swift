import Tensors

/// Where the elements of a row-major result lie in another block: one step an axis, which may be
/// negative, or the sum of two on a diagonal. Transpose, Slice and Einsum are walks.
struct Walk {
  /// An axis of the result, with the steps along it on both sides.
  struct Axis {
    let length: Int
    let result: Int
    let place: Int
  }

  /// Elements of the result.
  let count: Int
  /// The place of the first element.
  let start: Int
  /// Whether the result is the other block from `start` on, element by element.
  let isPlain: Bool
  private let outer: [Axis]
  private let inner: Axis
  /// The axis along which the other block lies in one piece, when `inner` does not: both are then
  /// walked in tiles that stay in the cache.
  private let tile: Axis?

  /// A walk over a result of `dims`. Neighbouring axes that advance evenly become one.
  init(_ dims: [Int], steps: [Int], start: Int = 0) {
    var axes: [Axis] = []
    var size = 1
    for (length, step) in Swift.zip(dims, steps).reversed() where length != 1 {
      if let last = axes.last, step == last.place * last.length {
        axes[axes.count - 1] = Axis(
          length: length * last.length, result: last.result, place: last.place)
      } else {
        axes.append(Axis(length: length, result: size, place: step))
      }
      size *= length
    }
    count = size
    self.start = start
    inner = axes.first ?? Axis(length: 1, result: 1, place: 1)
    isPlain = axes.count < 2 && inner.place == 1
    let straight = axes.dropFirst().firstIndex { $0.place == 1 }
    tile = inner.place == 1 ? nil : straight.map { axes[$0] }
    if let straight, inner.place != 1 { axes.remove(at: straight) }
    outer = axes.dropFirst().reversed()
  }

  /// Writes the result: `y[i] = x[place of i]`.
  func read(_ x: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    forEachRun { length, result, resultStep, place, step in
      let (from, to) = (x + place, y + result)
      if resultStep == 1 && step == 1 {
        to.update(from: from, count: length)
      } else {
        for i in 0..<length { to[i * resultStep] = from[i * step] }
      }
    }
  }

  /// The other way: `x[place of i] = y[i]`; no place may occur twice.
  func write(_ y: UnsafeMutablePointer<Float>, into x: UnsafeMutablePointer<Float>) {
    forEachRun { length, result, resultStep, place, step in
      let (from, to) = (y + result, x + place)
      if resultStep == 1 && step == 1 {
        to.update(from: from, count: length)
      } else {
        for i in 0..<length { to[i * step] = from[i * resultStep] }
      }
    }
  }

  /// The result for values that are known before any data; nil when they are too few.
  func pick(_ values: [Double]) -> [Double]? {
    var result = [Double](repeating: 0, count: count)
    var fits = true
    forEachRun { length, at, resultStep, place, step in
      for i in 0..<length {
        guard values.indices.contains(place + i * step) else {
          fits = false
          return
        }
        result[at + i * resultStep] = values[place + i * step]
      }
    }
    return fits ? result : nil
  }

  /// Calls `body` for every run of elements that advance evenly on both sides, with where it begins
  /// in the result and in the other block.
  @inline(__always)
  func forEachRun(
    _ body: (_ length: Int, _ result: Int, _ resultStep: Int, _ place: Int, _ step: Int) -> Void
  ) {
    guard count > 0 else { return }
    withUnsafeTemporaryAllocation(of: Int.self, capacity: outer.count + 1) { index in
      index.initialize(repeating: 0)
      var (result, place) = (0, start)
      while true {
        if let tile {
          for first in stride(from: 0, to: tile.length, by: 16) {
            let length = min(16, tile.length - first)
            for i in 0..<inner.length {
              body(
                length, result + first * tile.result + i * inner.result, tile.result,
                place + first + i * inner.place, 1)
            }
          }
        } else {
          body(inner.length, result, inner.result, place, inner.place)
        }
        var axis = outer.count - 1
        while axis >= 0 {
          let step = outer[axis]
          index[axis] += 1
          result += step.result
          place += step.place
          if index[axis] < step.length { break }
          result -= step.result * step.length
          place -= step.place * step.length
          index[axis] = 0
          axis -= 1
        }
        if axis < 0 { return }
      }
    }
  }
}

/// The kernel of an operator that moves elements of its first input and reads none of the others.
struct WalkKernel: Kernel {
  let walk: Walk
  /// Whether every element of the input is in the output.
  let covers: Bool

  func forward(_ node: Forward) {
    if let x = node.inputs.optional(0) { walk.read(x.base, into: node.outputs[0].base) }
  }

  func backward(_ node: Backward) {
    for other in node.inputGradients.dropFirst() { other?.fill(0) }
    guard let dx = node.inputGradients.optional(0) else { return }
    if !covers { dx.fill(0) }
    walk.write(node.outputGradients[0].base, into: dx.base)
  }
}

extension Shape {
  /// The elements from one step along each axis to the next, in row-major order.
  var steps: [Int] {
    var steps = [Int](repeating: 1, count: rank)
    for axis in dims.indices.dropLast().reversed() {
      steps[axis] = steps[axis + 1] * max(1, dims[axis + 1])
    }
    return steps
  }
}
