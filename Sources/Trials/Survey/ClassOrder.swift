import Npy
import Replay
import Runs

/// What a network calls the classes of the validation data: where it takes nearly all rows of a class for
/// one and the same other class, and no two for the same, their numbers stand for other classes there.
public struct ClassOrder: Sendable {
  /// By class: the one that the network takes it for.
  public let taken: [Int]
  /// The share of the rows of which that is true.
  public let share: Double
  /// The share of the rows that the network gets right as they are numbered.
  public let right: Double
  /// Rows that were asked about.
  public let samples: Int

  private static let rows = 1024
  /// The fewest rows, and the fewest of a class.
  private static let (fewest, fewestOfClass) = (20, 3)
  private static let mostClasses = 1000

  /// - Parameter validation: the run on its validation data.
  /// - Returns: nil where the loss knows no classes, or too few rows belong to one of them.
  /// - Throws: `RunError` when it cannot be replayed.
  public init?(_ validation: Run, _ index: Int, _ progress: Progress) throws(RunError) {
    let run = try validation.subsample(Self.rows)
    let term = run.losses[index]
    guard let array = run.data[term.target], run.samples >= Self.fewest, term.second == nil else {
      return nil
    }
    let outputs = try ReplayPass(run, backward: false, collecting: [term.prediction])
      .run(workers: 1, executor: nil, progress: progress).outputs
    guard let values = outputs.first?.values, values.allSatisfy(\.isFinite) else { return nil }
    let targets = try bridging(array.floats())
    let n = run.samples
    let (width, columns) = (values.count / n, targets.count / n)
    let isEvent = width == 1 && type(of: term.loss).info.targets == .probabilities
    guard isEvent || type(of: term.loss).info.targets == .classes, width <= Self.mostClasses,
      columns == 1 || columns == width
    else { return nil }
    let threshold: Float = term.loss.head == .probabilities ? 0.5 : 0
    func largest(_ values: ArraySlice<Float>) -> Int {
      values.indices.max { values[$0] < values[$1] }.map { $0 - values.startIndex } ?? 0
    }
    let classes = isEvent ? 2 : width
    guard classes > 1 else { return nil }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for row in 0..<n {
      let said =
        isEvent
        ? (values[row] > threshold ? 1 : 0) : largest(values[(row * width)..<((row + 1) * width)])
      let label =
        columns == 1
        ? Int(exactly: targets[row]) : largest(targets[(row * width)..<((row + 1) * width)])
      guard let own = label, counts.indices.contains(own) else { return nil }
      counts[own][said] += 1
    }
    guard counts.allSatisfy({ $0.reduce(0, +) >= Self.fewestOfClass }) else { return nil }
    let taken = counts.map { largest($0.map(Float.init)[...]) }
    self.taken = taken
    share = Double(counts.indices.reduce(0) { $0 + counts[$1][taken[$1]] }) / Double(n)
    right = Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(n)
    samples = n
  }

  /// Whether the classes have changed places.
  public var isPermuted: Bool {
    Set(taken).count == taken.count && taken != Array(taken.indices)
  }
}
