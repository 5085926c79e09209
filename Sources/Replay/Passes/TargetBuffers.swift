import Runs
import Tensors

/// Room for the targets and sample weights of one batch, as float32.
package final class TargetBuffers {
  private let arena: Arena
  private let targets: [Feed]
  private let weights: [Feed?]
  private let adding: [(first: Bool, second: Bool)]

  package init(_ run: Run, rows: Int) throws(RunError) {
    var written: Set<Int> = []
    adding = run.losses.map { term in
      (
        !written.insert(term.prediction).inserted,
        term.second.map { !written.insert($0).inserted } ?? false
      )
    }
    do throws(TensorError) {
      var shapes: [Shape] = []
      for term in run.losses {
        shapes.append(try Shape([rows] + (run.data[term.target]?.shape.dropFirst() ?? [])))
      }
      let column = try Shape([rows])
      let weighted = run.losses.map { $0.sampleWeight.map { run.data[$0] != nil } ?? false }
      arena = try Arena(
        bytes: shapes.reduce(0) { $0 + Arena.bytes($1.count) }
          + weighted.reduce(0) { $0 + ($1 ? Arena.bytes(rows) : 0) })
      var targets: [Feed] = []
      var weights: [Feed?] = []
      for (index, term) in run.losses.enumerated() {
        targets.append(Feed(run.data[term.target], into: try arena.tensor(shapes[index])))
        weights.append(
          weighted[index]
            ? Feed(term.sampleWeight.flatMap { run.data[$0] }, into: try arena.tensor(column))
            : nil)
      }
      self.targets = targets
      self.weights = weights
    } catch { throw .system(error) }
  }

  /// What a loss needs for some rows.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  package func read(_ index: Int, _ rows: Range<Int>) throws(RunError) -> LossBatch {
    let (target, weights) = (targets[index], weights[index])
    try target.read(rows)
    try weights?.read(rows)
    return LossBatch(
      target: target.tensor, sampleWeights: weights?.tensor, adding: adding[index].first,
      addingSecond: adding[index].second)
  }
}
