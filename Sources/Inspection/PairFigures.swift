import Glibc

/// What has been seen of two arrays that are compared.
struct PairFigures {
  let tolerance: Tolerance
  private(set) var moved = 0
  private(set) var nonFinite = 0
  private(set) var largest: (distance: Double, place: Int, values: [Double]?)?
  private var distances = ScaledSquares()
  private var sizes = ScaledSquares()

  init(tolerance: Tolerance) { self.tolerance = tolerance }

  /// The norm of the difference over that of the first; nil where that is zero.
  var relative: Double? { distances.ratio(to: sizes) }

  mutating func add(_ a: [Double], _ b: [Double], at start: Int) {
    if addPlain(a, b, at: start) { return }
    var steps = [Double](repeating: 0, count: a.count)
    var values = steps
    for (index, (x, y)) in zip(a, b).enumerated() {
      if x.isFinite && y.isFinite {
        values[index] = x
        let distance = (x - y).magnitude
        // Two numbers of the largest size are further apart than a double can say.
        steps[index] = min(distance, .greatestFiniteMagnitude)
        note(distance, start + index, x, [x, y])
      } else if !(x == y || x.isNaN && y.isNaN) {
        moved += 1
        nonFinite += 1
      }
    }
    sum(steps, values)
  }

  /// Adds finite values of ordinary size, four at a time.
  ///
  /// - Returns: false where they are others, and nothing is added.
  private mutating func addPlain(_ a: [Double], _ b: [Double], at start: Int) -> Bool {
    let tile = PlainTile(a, b, tolerance)
    guard tile.isOrdinary else { return false }
    moved += tile.moved
    if tile.largest > largest?.distance ?? 0 {
      let place = zip(a, b).enumerated().first { ($1.0 - $1.1).magnitude == tile.largest }
      if let (index, (x, y)) = place { largest = (tile.largest, start + index, [x, y]) }
    }
    distances.add(sum: tile.distances)
    sizes.add(sum: tile.sizes)
    return true
  }

  mutating func add(_ a: [Int128], _ b: [Int128], at start: Int) {
    var steps = [Double](repeating: 0, count: a.count)
    for (index, (x, y)) in zip(a, b).enumerated() where x != y {
      steps[index] = Double(x > y ? x - y : y - x)
      note(steps[index], start + index, Double(x), [Double(x), Double(y)])
    }
    sum(steps, a.map { Double($0) })
  }

  mutating func add(pairs a: [(Double, Double)], _ b: [(Double, Double)], at start: Int) {
    var steps = [Double](repeating: 0, count: a.count)
    var values = steps
    for (index, (x, y)) in zip(a, b).enumerated() {
      let isFinite = x.0.isFinite && x.1.isFinite && y.0.isFinite && y.1.isFinite
      if isFinite {
        let distance = hypot(x.0 - y.0, x.1 - y.1)
        values[index] = min(hypot(x.0, x.1), .greatestFiniteMagnitude)
        steps[index] = min(distance, .greatestFiniteMagnitude)
        note(distance, start + index, values[index], nil)
      } else if !(Self.isSame(x.0, y.0) && Self.isSame(x.1, y.1)) {
        moved += 1
        nonFinite += 1
      }
    }
    sum(steps, values)
  }

  mutating func add(bytes a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, size: Int) {
    guard size > 0 else { return }
    for start in stride(from: 0, to: a.count, by: size)
    where !a[start..<start + size].elementsEqual(b[start..<start + size]) {
      moved += 1
    }
  }

  private static func isSame(_ x: Double, _ y: Double) -> Bool { x == y || x.isNaN && y.isNaN }

  private mutating func note(_ distance: Double, _ place: Int, _ value: Double, _ values: [Double]?)
  {
    guard distance > 0, !tolerance.allows(distance, at: value) else { return }
    moved += 1
    if distance > largest?.distance ?? 0 { largest = (distance, place, values) }
  }

  private mutating func sum(_ steps: [Double], _ values: [Double]) {
    steps.withUnsafeBufferPointer { distances.add($0) }
    values.withUnsafeBufferPointer { sizes.add($0) }
  }
}

/// Sums over a tile of two arrays.
private struct PlainTile {
  /// Whether all values are finite, and no square overflows or vanishes that would be seen.
  var isOrdinary = false
  var moved = 0
  /// The largest distance that the tolerance does not allow.
  var largest = 0.0
  var distances = 0.0
  var sizes = 0.0

  init(_ a: [Double], _ b: [Double], _ tolerance: Tolerance) {
    guard a.count == b.count, a.count % 4 == 0 else { return }
    let absolute = SIMD4(repeating: tolerance.absolute)
    let relative = SIMD4(repeating: tolerance.relative)
    let zero = SIMD4<Double>()
    var (far, size, step, squares, steps) = (zero, zero, zero, zero, zero)
    var (invalid, count) = (zero, SIMD4<Int64>())
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        for offset in stride(from: 0, to: a.count, by: 32) {
          let x = a.loadUnaligned(fromByteOffset: offset, as: SIMD4<Double>.self)
          let y = b.loadUnaligned(fromByteOffset: offset, as: SIMD4<Double>.self)
          let difference = x - y
          let distance = difference.replacing(with: -difference, where: difference .< zero)
          let magnitude = x.replacing(with: -x, where: x .< zero)
          // Not a number where one of the two is not finite.
          invalid += (x - x) + (y - y)
          let isFar = distance .> absolute + relative * magnitude
          count = count &+ SIMD4<Int64>().replacing(with: 1, where: isFar)
          let shown = zero.replacing(with: distance, where: isFar)
          far = far.replacing(with: shown, where: shown .> far)
          size = size.replacing(with: magnitude, where: magnitude .> size)
          step = step.replacing(with: distance, where: distance .> step)
          squares += magnitude * magnitude
          steps += distance * distance
        }
      }
    }
    func isPlain(_ value: Double) -> Bool { value == 0 || (1e-100...1e100).contains(value) }
    isOrdinary = invalid.sum() == 0 && isPlain(size.max()) && isPlain(step.max())
    moved = Int(count.wrappedSum())
    largest = far.max()
    distances = steps.sum()
    sizes = squares.sum()
  }
}
