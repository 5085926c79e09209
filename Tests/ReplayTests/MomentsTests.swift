import Tensors
import Testing

@testable import Replay

/// A layout to measure: outer × units × inner.
struct Block: Sendable, CustomTestStringConvertible {
  let outer: Int
  let units: Int
  let inner: Int
  let bad: Bool

  var testDescription: String { "\(outer) × \(units) × \(inner)\(bad ? ", some not finite" : "")" }

  static let all = [
    (5, 3, 1), (1, 17, 1), (40, 16, 1), (9, 33, 1), (3, 2, 5), (4, 3, 16), (2, 5, 35),
  ]
  .flatMap { [Block($0, false), Block($0, true)] }

  init(_ dims: (Int, Int, Int), _ bad: Bool) {
    (outer, units, inner) = dims
    self.bad = bad
  }

  /// Values around 1000, so that float32 sums of squares would lose everything.
  var values: [Float] {
    var generator = SplitMix(seed: UInt64(outer * 100 + units * 10 + inner))
    var values = (0..<(outer * units * inner)).map { _ in
      1000 + Float(generator.uniform()) * (generator.uniform() < 0.1 ? 0 : 1)
    }
    values[values.count / 2] = 0
    if bad {
      values[1] = .nan
      values[values.count - 1] = .infinity
    }
    return values
  }

  func unit(_ unit: Int, of values: [Float]) -> [Float] {
    (0..<(outer * inner)).map { values[($0 / inner * units + unit) * inner + $0 % inner] }
  }
}

/// A fixed stream of numbers for tests (SplitMix64, Steele et al. 2014).
struct SplitMix {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// −1 to 1.
  mutating func uniform() -> Double { Double(next() &>> 11) / Double(1 << 52) - 1 }
}

private func tensor(_ values: [Float], in arena: Arena) throws -> Tensor {
  let tensor = try arena.tensor(try Shape([values.count]))
  for (i, value) in values.enumerated() { tensor.base[i] = value }
  return tensor
}

@Test(arguments: Block.all)
func `moments match plain sums`(_ block: Block) throws {
  let values = block.values
  let arena = try Arena(bytes: Arena.bytes(values.count))
  var moments = UnitMoments(units: block.units)
  let shape = try Shape([block.outer, block.units, block.inner])
  moments.observe(
    try tensor(values, in: arena), UnitLayout(shape, axis: 1), .init(below: 1000, above: 1000.5),
    firstSample: 7)
  for unit in 0..<block.units {
    let all = block.unit(unit, of: values)
    let finite = all.filter(\.isFinite).map(Double.init)
    let mean = finite.reduce(0, +) / Double(max(1, finite.count))
    let squares = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    #expect(moments.count[unit] == finite.count)
    #expect(abs(moments.mean[unit] - mean) <= 1e-6 * 1000)
    #expect(abs(moments.squares[unit] - squares) <= 1e-5 * squares + 1e-6)
    #expect(Double(moments.minimum[unit]) == finite.min() ?? .infinity)
    #expect(Double(moments.maximum[unit]) == finite.max() ?? -.infinity)
    #expect(moments.zeros[unit] == finite.filter { $0 == 0 }.count)
    #expect(moments.below[unit] == finite.filter { $0 <= 1000 }.count)
    #expect(moments.above[unit] == finite.filter { $0 >= 1000.5 }.count)
    #expect(moments.nonFinite[unit] == all.count - finite.count)
  }
  #expect(moments.firstNonFinite == (block.bad ? 7 : nil))
}

@Test(arguments: Block.all)
func `gradient moments match plain sums`(_ block: Block) throws {
  let values = block.values
  let arena = try Arena(bytes: Arena.bytes(values.count))
  var moments = GradientMoments(units: block.units)
  let shape = try Shape([block.outer, block.units, block.inner])
  moments.observe(try tensor(values, in: arena), UnitLayout(shape, axis: 1))
  for unit in 0..<block.units {
    let all = block.unit(unit, of: values)
    let finite = all.filter(\.isFinite).map { abs(Double($0)) }
    let sum = finite.reduce(0, +)
    let squares = finite.reduce(0) { $0 + $1 * $1 }
    #expect(abs(moments.magnitude[unit] - sum) <= 1e-6 * sum)
    #expect(abs(moments.squares[unit] - squares) <= 1e-6 * squares)
    #expect(Double(moments.maximum[unit]) == finite.max() ?? 0)
    #expect(moments.zeros[unit] == finite.filter { $0 == 0 }.count)
    #expect(moments.nonFinite[unit] == all.count - finite.count)
  }
}

@Test func `merged moments are those of the whole`() throws {
  let block = Block((40, 16, 1), true)
  let values = block.values
  let arena = try Arena(bytes: 3 * Arena.bytes(values.count))
  func measure(_ rows: Range<Int>) throws -> UnitMoments {
    var moments = UnitMoments(units: 16)
    let part = Array(values[(rows.lowerBound * 16)..<(rows.upperBound * 16)])
    let layout = UnitLayout(try Shape([rows.count, 16]), axis: 1)
    moments.observe(
      try tensor(part, in: arena), layout, .init(below: 1000, above: 1000.5),
      firstSample: rows.lowerBound)
    return moments
  }
  var merged = try measure(0..<13)
  merged.merge(try measure(13..<40))
  let whole = try measure(0..<40)
  #expect(merged.count == whole.count)
  #expect(merged.zeros == whole.zeros)
  #expect(merged.minimum == whole.minimum)
  #expect(merged.maximum == whole.maximum)
  #expect(merged.firstNonFinite == whole.firstNonFinite)
  for unit in 0..<16 {
    #expect(abs(merged.mean[unit] - whole.mean[unit]) < 1e-4)
    #expect(abs(merged.squares[unit] - whole.squares[unit]) <= 1e-5 * whole.squares[unit] + 1e-6)
  }
}

/// A sum of equal numbers in float32 is rounded the same way each time.
@Test(arguments: [1, 30_000]) func `many equal values lose no digits`(inner: Int) throws {
  let arena = try Arena(bytes: Arena.bytes(30_000 * 16))
  let shape = try Shape([30_000 / inner, 1, inner])
  let all = try arena.tensor(shape)
  all.fill(0.7)
  all.base[0] = 0
  var moments = UnitMoments(units: 1)
  moments.observe(all, UnitLayout(shape, axis: 1), .init(), firstSample: 0)
  let exact = Double(Float(0.7))
  #expect(abs(moments.mean[0] - exact * 29_999 / 30_000) < 5e-6)
  // Of the sum of squares, of which the mean's part is taken away.
  #expect(abs(moments.squares[0] - exact * exact) < 1e-5 * exact * exact * 30_000)
  var gradients = GradientMoments(units: 1)
  gradients.observe(all, UnitLayout(shape, axis: 1))
  #expect(abs(gradients.squares[0] / (exact * exact * 29_999) - 1) < 2e-6)
}
