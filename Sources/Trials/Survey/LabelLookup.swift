import Operators
import Replay
import Runs

/// The simplest predictor for labels at every position of a sequence of ids: the label that an id has
/// most often.
struct LabelLookup {
  private let ids: [Float]
  private let labels: [Float]
  private let length: Int
  private let ignored: Float?

  /// - Returns: nil unless the run has one input of ids, and as many labels in a row as ids.
  /// - Throws: `RunError.npy` when the data cannot be read.
  init?(_ run: Run, _ term: Run.LossTerm) throws(RunError) {
    let inputs = run.graph.inputs.filter { run.data[run.graph.tensors[$0]] != nil }
    guard inputs.count == 1, run.graph.holdsIds(inputs[0]),
      type(of: term.loss).info.targets == .classes,
      let array = run.data[run.graph.tensors[inputs[0]]], let targets = run.data[term.target],
      array.shape.count == 2, array.shape == targets.shape, array.rowLength > 1
    else { return nil }
    let shape = try Plan(run, rows: 1).operands[term.prediction].shape.dims
    guard shape.count == 3, shape[2] == array.rowLength else { return nil }
    ids = try bridging(array.floats())
    labels = try bridging(targets.floats())
    length = array.rowLength
    ignored = term.loss.constants.ignoredClass.map { Float($0) }
  }

  /// Labels of every position of some rows, learned from others; -1 for an id that these lack.
  ///
  /// - Parameter knows: whether ids are looked at; without them it is the most frequent label of all.
  func labels(of part: Range<Int>, from known: [Int], knowsIds knows: Bool = true) -> [Float] {
    var counts: [Float: [Float: Int]] = [:]
    var all: [Float: Int] = [:]
    for row in known {
      for place in places(row) where isCounted(place) {
        all[labels[place], default: 0] += 1
        if knows { counts[ids[place], default: [:]][labels[place], default: 0] += 1 }
      }
    }
    let usual = Self.most(all)
    let best = counts.mapValues(Self.most)
    return part.flatMap { row in places(row).map { best[ids[$0]] ?? usual } }
  }

  /// What a network says: the largest score at every position, of rows × classes × positions.
  func labels(of part: Range<Int>, scores: [Float]) -> [Float] {
    let classes = scores.count / max(1, part.count * length)
    return part.indices.flatMap { row -> [Float] in
      let start = (row - part.lowerBound) * classes * length
      return (0..<length).map { place in
        var best = 0
        for label in 0..<classes
        where scores[start + label * length + place] > scores[start + best * length + place] {
          best = label
        }
        return Float(best)
      }
    }
  }

  /// The share of the positions that count with another label than these.
  func errors(of part: Range<Int>, _ said: [Float]) -> Double {
    var (wrong, counted) = (0, 0)
    for (index, place) in part.flatMap(places).enumerated() where isCounted(place) {
      counted += 1
      if said[index] != labels[place] { wrong += 1 }
    }
    return Double(wrong) / Double(max(1, counted))
  }

  private func places(_ row: Int) -> Range<Int> { (row * length)..<((row + 1) * length) }

  private func isCounted(_ place: Int) -> Bool { labels[place] >= 0 && labels[place] != ignored }

  private static func most(_ counts: [Float: Int]) -> Float {
    counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? -1
  }
}
