import Tensors

extension UnitMoments {
  /// The bounds of the flat parts of the activation that follows; infinite where there is none.
  struct Flat: Sendable {
    var below = -Float.infinity
    var above = Float.infinity

    /// Whether there are any.
    var isNeeded: Bool { below > -.infinity || above < .infinity }
  }

  /// Adds one batch. The tensor must come from an arena: vectors are loaded whole.
  ///
  /// Sums run in float32 around the first value of each unit, so that a large mean costs no digits,
  /// and go on in double after 256 values: many equal ones would all be rounded the same way.
  mutating func observe(_ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, firstSample: Int) {
    if layout.step > 1 {
      for start in stride(from: 0, to: layout.units, by: layout.step) {
        observeBlocks(tensor, layout, flat, start, firstSample)
      }
    } else if layout.inner == 1 {
      for start in stride(from: 0, to: layout.units, by: 16) {
        observeColumns(tensor, layout, flat, start, firstSample)
      }
    } else {
      for unit in 0..<layout.units { observeRuns(tensor, layout, flat, unit, firstSample) }
    }
  }

  /// Sixteen units side by side, one row after the other.
  @inline(__always)
  private mutating func observeColumns(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ start: Int, _ firstSample: Int
  ) {
    let live = min(16, layout.units - start)
    guard layout.outer > 0 else { return }
    let base = tensor.base + start
    let first = base.vector
    // Neither NaN nor infinity may be the shift.
    let shift = Vector.zero.replacing(with: first, where: (first - first) .== 0)
    var sums = VectorSums(flat)
    sums.add(base, layout.outer, every: layout.units, shift, isFlat: flat.isNeeded)
    for lane in 0..<live {
      let unit = start + lane
      if let part = sums.part(lane, count: layout.outer, shift: shift[lane]) {
        merge(part, into: unit)
      } else {
        observeSlowly(tensor, layout, flat, unit, firstSample)
      }
    }
  }

  /// Sixteen channels of a block, one place after the other.
  @inline(__always)
  private mutating func observeBlocks(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ start: Int, _ firstSample: Int
  ) {
    guard layout.outer * layout.inner > 0 else { return }
    let first = (tensor.base + layout.run(start, 0)).vector
    let shift = Vector.zero.replacing(with: first, where: (first - first) .== 0)
    var sums = VectorSums(flat)
    for outer in 0..<layout.outer {
      let run = tensor.base + layout.run(start, outer)
      sums.add(run, layout.inner, every: 16, shift, isFlat: flat.isNeeded)
    }
    let count = layout.outer * layout.inner
    for lane in 0..<16 {
      if let part = sums.part(lane, count: count, shift: shift[lane]) {
        merge(part, into: start + lane)
      } else {
        observeSlowly(tensor, layout, flat, start + lane, firstSample)
      }
    }
  }

  /// One unit whose elements lie in runs, sixteen elements at a time.
  @inline(__always)
  private mutating func observeRuns(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ unit: Int, _ firstSample: Int
  ) {
    guard layout.outer > 0, layout.inner >= 16 else {
      if layout.outer * layout.inner > 0 {
        observeSlowly(tensor, layout, flat, unit, firstSample)
      }
      return
    }
    let first = tensor.base[unit * layout.inner]
    let shift = Vector(repeating: first.isFinite ? first : 0)
    var sums = VectorSums(flat)
    var tail = Part()
    for block in 0..<layout.outer {
      let run = tensor.base + (block * layout.units + unit) * layout.inner
      let whole = layout.inner / 16 * 16
      sums.add(run, whole / 16, every: 16, shift, isFlat: flat.isNeeded)
      for i in whole..<layout.inner { tail.add(run[i], flat) }
    }
    let vectors = layout.outer * (layout.inner / 16)
    guard let part = sums.whole(count: vectors, shift: shift[0]), tail.nonFinite == 0 else {
      return observeSlowly(tensor, layout, flat, unit, firstSample)
    }
    merge(part, into: unit)
    if tail.count > 0 { merge(tail, into: unit) }
  }

  /// Element by element in double: where values are not finite, or their squares are not.
  private mutating func observeSlowly(
    _ tensor: Tensor, _ layout: UnitLayout, _ flat: Flat, _ unit: Int, _ firstSample: Int
  ) {
    var part = Part()
    var firstBad: Int?
    for block in 0..<layout.outer {
      let run = tensor.base + layout.run(unit, block)
      for i in 0..<layout.inner {
        if !part.add(run[i * layout.step], flat), firstBad == nil {
          firstBad = firstSample + (block * layout.inner + i) / layout.perSample
        }
      }
    }
    merge(part, into: unit)
    if let firstBad { firstNonFinite = min(firstNonFinite ?? firstBad, firstBad) }
  }
}

extension UnitMoments.Part {
  /// Adds one value by Welford's update; false when it is not finite.
  @discardableResult
  mutating func add(_ value: Float, _ flat: UnitMoments.Flat) -> Bool {
    guard value.isFinite else {
      nonFinite += 1
      return false
    }
    count += 1
    let delta = Double(value) - mean
    mean += delta / Double(count)
    squares += delta * (Double(value) - mean)
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    if value == 0 { zeros += 1 }
    if value <= flat.below { below += 1 }
    if value >= flat.above { above += 1 }
    return true
  }
}
