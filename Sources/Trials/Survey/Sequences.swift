import Runs

/// Rows of steps, and what simple predictors take of them.
struct Sequences {
  /// rows × steps × width.
  let values: [Float]
  let rows: Int
  let steps: Int
  let width: Int
  let isIds: Bool

  /// The most ids that are told apart: the most frequent ones.
  private static let idLimit = 64
  /// Of so many of them it is told which follows which.
  private static let pairLimit = 10
  /// The most parts that the time is cut into.
  private static let parts = 16
  private static let widthLimit = 512

  /// The same with the steps of every row shuffled.
  func shuffled(_ random: inout FixedRandom) -> Sequences {
    var other: [Float] = []
    other.reserveCapacity(values.count)
    for row in 0..<rows {
      for step in random.permutation(steps) {
        let start = (row * steps + step) * width
        other += values[start..<(start + width)]
      }
    }
    return Sequences(values: other, rows: rows, steps: steps, width: width, isIds: isIds)
  }

  /// Features of all rows that say nothing of the order, and several kinds that do; empty where there
  /// would be too many.
  var tables: (pooled: [Float], ordered: [[Float]]) {
    isIds && width == 1 ? idTables : isIds ? ([], []) : valueTables
  }

  /// How often each id is there; with that, what stands at the first step, what at the last, where
  /// each id is on average, and which id follows which.
  private var idTables: (pooled: [Float], ordered: [[Float]]) {
    var counts: [Float: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    let known = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.idLimit)
    let place = Dictionary(
      uniqueKeysWithValues: known.enumerated().map { ($0.element.key, $0.offset) })
    let ids = place.count
    let few = min(ids, Self.pairLimit)
    var pooled: [Float] = []
    var kinds = [[Float]](repeating: [], count: 4)
    for row in 0..<rows {
      let own = (0..<steps).map { place[values[row * steps + $0]] }
      var (count, time) = ([Float](repeating: 0, count: ids), [Float](repeating: 0, count: ids))
      var pairs = [Float](repeating: 0, count: few * few)
      for (step, id) in own.enumerated() {
        guard let id else { continue }
        count[id] += 1
        time[id] += Float(step) / Float(steps - 1) - 0.5
        if step > 0, let last = own[step - 1], last < few, id < few { pairs[last * few + id] += 1 }
      }
      for id in 0..<ids where count[id] > 0 { time[id] /= count[id] }
      let at = { (id: Int?) in (0..<ids).map { $0 == id ? Float(1) : 0 } }
      pooled += count
      for (index, more) in [at(own[0]), at(own[steps - 1]), time, pairs].enumerated() {
        kinds[index] += count + more
      }
    }
    return (pooled, kinds)
  }

  /// Mean, deviation and extremes of every value; with that, its means over parts of the time.
  private var valueTables: (pooled: [Float], ordered: [[Float]]) {
    let parts = min(steps, Self.parts)
    guard (4 + parts) * width <= Self.widthLimit else { return ([], []) }
    var pooled: [Float] = []
    var ordered: [Float] = []
    for row in 0..<rows {
      var (own, times) = ([Float](), [Float](repeating: 0, count: parts * width))
      for column in 0..<width {
        let series = (0..<steps).map { values[(row * steps + $0) * width + column] }
        let mean = series.reduce(0, +) / Float(steps)
        let square = series.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(steps)
        own += [mean, square.squareRoot(), series.min() ?? 0, series.max() ?? 0]
        for part in 0..<parts {
          let range = (part * steps / parts)..<((part + 1) * steps / parts)
          times[part * width + column] = series[range].reduce(0, +) / Float(range.count)
        }
      }
      pooled += own
      ordered += own + times
    }
    return (pooled, [ordered])
  }
}
