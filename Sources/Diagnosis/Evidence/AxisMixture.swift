/// A reshape that lays the values of one axis where another is read.
struct AxisMixture: Equatable {
  /// Whether the same lengths are only read in another order, as where a permutation was meant.
  let isPermutation: Bool
  /// An entry of the result, and the one that it holds: places along all axes.
  let entry: [Int]
  let held: [Int]

  /// Compares two shapes of the same elements in the order of memory.
  ///
  /// Axes that are merged with their neighbours, or split, keep their order, and so do rows that are cut
  /// into pieces or joined. Mixed are axes whose lengths come back in another order, or of which no
  /// boundary falls on one of the result.
  ///
  /// - Returns: nil where nothing is mixed, or the shapes have not the same elements.
  init?(from source: [Int], to result: [Int]) {
    guard !source.contains(0), !result.contains(0) else { return nil }
    let (from, to) = (Self.axes(source), Self.axes(result))
    var (i, j) = (0, 0)
    while i < from.count, j < to.count {
      let (firstFrom, firstTo) = (i, j)
      var (left, right) = (source[from[i]], result[to[j]])
      (i, j) = (i + 1, j + 1)
      while left != right {
        if left < right, i < from.count {
          guard let next = Self.product(left, source[from[i]]) else { return nil }
          (left, i) = (next, i + 1)
        } else if right < left, j < to.count {
          guard let next = Self.product(right, result[to[j]]) else { return nil }
          (right, j) = (next, j + 1)
        } else {
          return nil
        }
      }
      let old = from[firstFrom..<i].map { source[$0] }
      let new = to[firstTo..<j].map { result[$0] }
      guard old.count > 1, new.count > 1 else { continue }
      let isPermutation = Self.divides(old, into: new) || Self.divides(new, into: old)
      guard isPermutation || !Self.nests(old, new) else { continue }
      self.isPermutation = isPermutation
      // The second entry along the first of the axes: where it lies in memory, and what lies there.
      var entry = [Int](repeating: 0, count: result.count)
      entry[to[firstTo]] = 1
      self.entry = entry
      held = Self.place(result[(to[firstTo] + 1)...].reduce(1, *), in: source)
      return
    }
    return nil
  }

  /// The axes of more than one place.
  private static func axes(_ shape: [Int]) -> [Int] { shape.indices.filter { shape[$0] != 1 } }

  private static func product(_ a: Int, _ b: Int) -> Int? {
    let (result, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : result
  }

  /// Whether each of some lengths is the product of lengths that are its own.
  private static func divides(_ lengths: [Int], into parts: [Int]) -> Bool {
    guard let length = lengths.first else { return parts.isEmpty }
    guard parts.count >= lengths.count, parts.count <= 8 else { return false }
    return (1..<(1 << parts.count)).contains { chosen in
      let own = parts.indices.filter { chosen >> $0 & 1 == 1 }
      guard own.reduce(1, { $0 * parts[$1] }) == length else { return false }
      let rest = parts.indices.filter { chosen >> $0 & 1 == 0 }.map { parts[$0] }
      return divides(Array(lengths.dropFirst()), into: rest)
    }
  }

  /// Whether every boundary of one shape is at a multiple of, or divides, every boundary of the other:
  /// then whole pieces of rows are joined or cut.
  private static func nests(_ a: [Int], _ b: [Int]) -> Bool {
    let (inner, other) = (boundaries(a), boundaries(b))
    return inner.allSatisfy { x in other.allSatisfy { x % $0 == 0 || $0 % x == 0 } }
  }

  /// The distances in memory between places along each axis but the last.
  private static func boundaries(_ dims: [Int]) -> [Int] {
    dims.indices.dropLast().map { dims[($0 + 1)...].reduce(1, *) }
  }

  /// The place along every axis of the element that lies so far from the first.
  private static func place(_ offset: Int, in shape: [Int]) -> [Int] {
    var rest = offset
    var result: [Int] = []
    for length in shape.reversed() {
      result.append(rest % length)
      rest /= length
    }
    return result.reversed()
  }
}
