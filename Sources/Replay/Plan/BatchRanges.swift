/// The rows of a run in consecutive ranges, each computed when it is asked for: a run may have more of
/// them than fit in memory.
public struct BatchRanges: RandomAccessCollection, Sendable {
  /// Rows of the data.
  private let samples: Int
  /// Rows of a range, at most.
  private let rows: Int
  /// Rows between boundaries that no range crosses.
  private let inside: Int
  /// Ranges between two boundaries.
  private let pieces: Int

  /// The first range's place.
  public let startIndex = 0
  /// How many ranges there are.
  public let endIndex: Int

  /// Cuts `samples` rows after every `rows`, and at every multiple of `inside`.
  init(samples: Int, rows: Int, inside: Int) {
    self.samples = samples
    self.rows = Swift.max(1, rows)
    self.inside = Swift.max(1, inside)
    pieces = (self.inside - 1) / self.rows + 1
    let rest = samples % self.inside
    endIndex = samples / self.inside * pieces + (rest + self.rows - 1) / self.rows
  }

  /// The ranges that begin inside of some rows, which begin and end at boundaries.
  func covering(_ span: Range<Int>) -> Slice<BatchRanges> {
    guard !span.isEmpty else { return self[0..<0] }
    let first = index(of: span.lowerBound)
    return self[first..<(index(of: span.upperBound - 1) + 1)]
  }

  /// The range that a row lies in.
  private func index(of row: Int) -> Int {
    row / inside * pieces + row % inside / rows
  }

  /// The rows of one range.
  public subscript(index: Int) -> Range<Int> {
    let block = index / pieces * inside
    let start = block + index % pieces * rows
    return start..<Swift.min(start + rows, block + inside, samples)
  }
}
