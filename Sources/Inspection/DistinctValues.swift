/// The distinct values seen, up to a small limit.
struct DistinctValues {
  /// The most that are told apart.
  static let limit = 64

  /// How many there are; never more than one past the limit.
  private(set) var count = 0
  private var slots = [UInt64](repeating: Self.free, count: 256)
  private var last = Self.free

  /// A NaN that stands for an empty slot. NaN itself is counted elsewhere.
  private static let free: UInt64 = 0xFFFF_FFFF_FFFF_FFFF

  @inline(__always)
  private static func slot(_ bits: UInt64) -> Int {
    Int(truncatingIfNeeded: (bits &* 0x9E37_79B9_7F4A_7C15) >> 56)
  }

  /// Whether there are more than the limit.
  var isFull: Bool { count > Self.limit }

  /// Adds a number that is not NaN. Both zeros are the same value.
  mutating func insert(_ value: Double) {
    let bits = (value + 0).bitPattern
    if bits == last { return }
    last = bits
    var slot = Self.slot(bits)
    while slots[slot] != Self.free {
      if slots[slot] == bits { return }
      slot = (slot + 1) & 255
    }
    guard !isFull else { return }
    slots[slot] = bits
    count += 1
  }

  /// Adds finite numbers until there are too many.
  mutating func insert<Value: Sample>(_ values: UnsafeBufferPointer<Value>) {
    var seen = last
    for value in values {
      // Most values of few have just been seen, or are found at once; the rest goes the long way.
      let number = Double(value) + 0
      let bits = number.bitPattern
      if bits == seen || slots[Self.slot(bits)] == bits { continue }
      insert(number)
      if isFull { return }
      seen = bits
    }
  }

  mutating func merge(_ other: DistinctValues) {
    for bits in other.slots where bits != Self.free { insert(Double(bitPattern: bits)) }
  }
}
