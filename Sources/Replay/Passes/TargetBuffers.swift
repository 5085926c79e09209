import Runs
import Tensors

/// Room for the targets and sample weights of one batch, as float32.
package final class TargetBuffers {
  private let arena: Arena
  private let targets: [Feed]
  private let weights: [Feed?]
  /// By loss: its further targets.
  private let others: [[Feed]]
  /// By loss and head.
  private let adding: [[Bool]]

  package init(_ run: Run, rows: Int) throws(RunError) {
    var written: Set<Int> = []
    adding = run.losses.map { term in
      term.heads.map { !written.insert($0).inserted }
    }
    do throws(TensorError) {
      var shapes: [[Shape]] = []
      for term in run.losses {
        var own: [Shape] = []
        for name in term.targets {
          own.append(try Shape([rows] + (run.data[name]?.shape.dropFirst() ?? [])))
        }
        shapes.append(own)
      }
      let column = try Shape([rows])
      let weighted = run.losses.map { $0.sampleWeight.map { run.data[$0] != nil } ?? false }
      arena = try Arena(
        bytes: shapes.joined().reduce(0) { $0 + Arena.bytes($1.count) }
          + weighted.reduce(0) { $0 + ($1 ? Arena.bytes(rows) : 0) })
      var targets: [Feed] = []
      var others: [[Feed]] = []
      var weights: [Feed?] = []
      for (index, term) in run.losses.enumerated() {
        var feeds: [Feed] = []
        for (name, shape) in zip(term.targets, shapes[index]) {
          feeds.append(Feed(run.data[name], into: try arena.tensor(shape)))
        }
        targets.append(feeds.removeFirst())
        others.append(feeds)
        weights.append(
          weighted[index]
            ? Feed(term.sampleWeight.flatMap { run.data[$0] }, into: try arena.tensor(column))
            : nil)
      }
      self.targets = targets
      self.others = others
      self.weights = weights
    } catch { throw .system(error) }
  }

  /// What a loss needs for some rows.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  package func read(_ index: Int, _ rows: Range<Int>) throws(RunError) -> LossBatch {
    let (target, weights) = (targets[index], weights[index])
    try target.read(rows)
    for other in others[index] { try other.read(rows) }
    try weights?.read(rows)
    return LossBatch(
      target: target.tensor, sampleWeights: weights?.tensor, others: others[index].map(\.tensor),
      adding: adding[index])
  }
}
