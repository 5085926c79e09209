import Tensors

/// Sums over many lines, one for every scale: in float for 32 lines and beyond in double. It owns
/// its memory.
final class LineSums {
  /// What is added to, element by element or in whole.
  let recent: UnsafeMutablePointer<Float>
  private let totals: UnsafeMutablePointer<Double>
  private let count: Int
  private var lines = 0

  /// Sums for that many scales.
  init(count: Int) {
    self.count = count
    // Whole vectors are read.
    recent = .allocate(capacity: count + 16)
    recent.initialize(repeating: 0, count: count + 16)
    totals = .allocate(capacity: count)
    totals.initialize(repeating: 0, count: count)
  }

  deinit {
    recent.deallocate()
    totals.deallocate()
  }

  /// Says that a line has been added.
  func endLine() {
    lines += 1
    if lines == 32 { flush() }
  }

  /// Adds to one sum at once.
  func add(_ value: Double, at index: Int) { totals[index] += value }

  /// Writes the sums and begins again.
  func write(to gradient: Tensor) {
    flush()
    for i in 0..<min(count, gradient.count) { gradient.base[i] = Float(totals[i]) }
    totals.update(repeating: 0, count: count)
  }

  private func flush() {
    for i in 0..<count {
      totals[i] += Double(recent[i])
      recent[i] = 0
    }
    lines = 0
  }
}
