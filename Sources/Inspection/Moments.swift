/// Number, mean and sum of squared deviations of some values; two of them merge into one.
struct Moments: Equatable {
  var count = 0
  var mean = 0.0
  var squares = 0.0

  /// Chan's formula. The result depends on the order of the parts in the last bits, so parts are
  /// always merged in the same order.
  mutating func merge(_ other: Moments) {
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count + other.count)
    let delta = other.mean - mean
    let share = Double(other.count) / total
    mean += delta * share
    squares += other.squares + delta * delta * Double(count) * share
    count += other.count
  }

  /// Welford's formula for one more value.
  mutating func add(_ value: Double) {
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    squares += delta * (value - mean)
  }

  /// The standard deviation of the values themselves, as `np.std` has it.
  var deviation: Double { (max(0, squares) / Double(count)).squareRoot() }
}

/// Everything that is counted and measured over some values and merges without their order, but for
/// the last bits of the moments.
struct Figures: Equatable {
  /// Of the finite values.
  var moments = Moments()
  /// Of the finite values; infinite while there are none.
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var zeros = 0
  var negatives = 0
  var nans = 0
  var positiveInfinities = 0
  var negativeInfinities = 0

  mutating func merge(_ other: Figures) {
    moments.merge(other.moments)
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    zeros += other.zeros
    negatives += other.negatives
    nans += other.nans
    positiveInfinities += other.positiveInfinities
    negativeInfinities += other.negativeInfinities
  }

  /// Copies the finite values of a tile to the front of a buffer of its size, and counts the others.
  static func separate<Value: Sample>(
    _ tile: UnsafeBufferPointer<Value>, into buffer: UnsafeMutableBufferPointer<Value>
  ) -> (finite: UnsafeBufferPointer<Value>, others: Figures) {
    guard let target = buffer.baseAddress else { return (UnsafeBufferPointer(buffer), Figures()) }
    var kept = 0
    var others = Figures()
    // Without a branch: what is not kept is written over by the next.
    for value in tile {
      target[kept] = value
      kept &+= value - value == 0 ? 1 : 0
      others.nans &+= value == value ? 0 : 1
      others.positiveInfinities &+= value == .infinity ? 1 : 0
      others.negativeInfinities &+= value == -.infinity ? 1 : 0
    }
    others.negatives = others.negativeInfinities
    return (UnsafeBufferPointer(rebasing: buffer[..<kept]), others)
  }

  mutating func add(_ value: Double) {
    if value.isFinite {
      moments.add(value)
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    } else if value.isNaN {
      nans += 1
    } else if value > 0 {
      positiveInfinities += 1
    } else {
      negativeInfinities += 1
    }
    if value == 0 { zeros += 1 }
    if value < 0 { negatives += 1 }
  }
}
