import Npy

/// Quantiles of the finite values of an array that need not fit in memory.
///
/// Numbers are told apart by 16 bits at a time, the highest first: after each look at the elements the
/// wanted ones are known to that many bits more. The result is exact, whatever the distribution.
struct QuantileSearch {
  let array: NpyArray
  let isCancelled: () -> Bool

  /// The shares whose quantiles are looked for.
  static let shares = ["0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"]

  /// Quantiles by share, between two neighbours as `np.quantile` has them; nil without finite values.
  ///
  /// - Throws: `NpyError` when the elements cannot be read.
  func run() throws(NpyError) -> [String: Double]? {
    switch array.elementType {
    case .float32, .float16, .bfloat16, .bool, .int8, .uint8, .int16, .uint16:
      try run(Float.self)
    default:
      try run(Double.self)
    }
  }

  /// One wanted element: what is known of its bits, and how many smaller ones share them.
  private struct Target {
    var prefix: UInt64 = 0
    var rank: Int
  }

  private func run<Value: Sample>(_ value: Value.Type) throws(NpyError) -> [String: Double]? {
    var first = [Int](repeating: 0, count: 1 << 16)
    try count(value, shift: Value.keyBits - 16, prefixes: [0], into: &first, isFirst: true)
    let total = first.reduce(0, +)
    guard total > 0 else { return nil }
    let places = Self.shares.compactMap { share in
      Double(share).map { (share: share, place: $0 * Double(total - 1)) }
    }
    let ranks = places.flatMap { [Int($0.place), min(total - 1, Int($0.place) + 1)] }
    var targets = ranks.map { Target(rank: $0) }
    narrow(&targets, [0], first)
    for shift in stride(from: Value.keyBits - 32, through: 0, by: -16) {
      let prefixes = Array(Set(targets.map(\.prefix))).sorted()
      var counts = [Int](repeating: 0, count: prefixes.count << 16)
      try count(value, shift: shift, prefixes: prefixes, into: &counts, isFirst: false)
      if isCancelled() { return nil }
      narrow(&targets, prefixes, counts)
    }
    var result: [String: Double] = [:]
    for (index, (share, place)) in places.enumerated() {
      let low = Double(Value(orderedKey: targets[2 * index].prefix))
      let high = Double(Value(orderedKey: targets[2 * index + 1].prefix))
      let part = place - place.rounded(.down)
      // From the nearer end, as NumPy does; halves first where the distance overflows.
      let distance = high - low
      result[share] =
        distance.isFinite
        ? part < 0.5 ? low + distance * part : high - distance * (1 - part)
        : low * (1 - part) + high * part
    }
    return result
  }

  /// Takes 16 more bits of each target from the counts of what has its prefix.
  private func narrow(_ targets: inout [Target], _ prefixes: [UInt64], _ counts: [Int]) {
    for index in targets.indices {
      guard let slot = prefixes.firstIndex(of: targets[index].prefix) else { continue }
      var rank = targets[index].rank
      for (bits, count) in counts[slot << 16..<(slot + 1) << 16].enumerated() {
        if rank < count {
          targets[index] = Target(prefix: targets[index].prefix << 16 | UInt64(bits), rank: rank)
          break
        }
        rank -= count
      }
    }
  }

  /// Counts the 16 bits from `shift` on of those values whose higher bits are one of `prefixes`.
  private func count<Value: Sample>(
    _ value: Value.Type, shift: Int, prefixes: [UInt64], into counts: inout [Int], isFirst: Bool
  ) throws(NpyError) {
    var reader = TileReader<Value>(array: array, columns: nil)
    var position = 0
    while position < array.count {
      if position & 0xF_FFFF < reader.length, isCancelled() { return }
      let end = min(array.count, position + reader.length)
      let tile = try reader.read(position..<end, before: array.count)
      for value in tile where value - value == 0 {
        let key = value.orderedKey &>> UInt64(shift)
        if isFirst {
          counts[Int(truncatingIfNeeded: key)] += 1
          continue
        }
        let prefix = key &>> 16
        for (slot, wanted) in prefixes.enumerated() where wanted == prefix {
          counts[slot &<< 16 | Int(truncatingIfNeeded: key & 0xFFFF)] += 1
        }
      }
      position = end
    }
  }
}
