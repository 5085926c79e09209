import Npy
import Tensors

/// Room for the targets and sample weights of one batch, as float32.
final class TargetBuffers {
  private let arena: Arena
  private let targets: [Tensor]
  private let weights: [Tensor?]
  private let adding: [(first: Bool, second: Bool)]

  init(_ run: Run, rows: Int) throws(ReplayError) {
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
      var targets: [Tensor] = []
      for shape in shapes { targets.append(try arena.tensor(shape)) }
      var weights: [Tensor?] = []
      for needed in weighted { weights.append(needed ? try arena.tensor(column) : nil) }
      self.targets = targets
      self.weights = weights
    } catch { throw .system(error) }
  }

  /// What a loss needs for some rows.
  func read(_ index: Int, _ rows: Range<Int>, _ run: Run) throws(ReplayError) -> LossBatch {
    let term = run.losses[index]
    try Self.read(run.data[term.target], rows, into: targets[index])
    if let weights = weights[index], let name = term.sampleWeight {
      try Self.read(run.data[name], rows, into: weights)
    }
    return LossBatch(
      target: targets[index], sampleWeights: weights[index], adding: adding[index].first,
      addingSecond: adding[index].second)
  }

  private static func read(
    _ array: NpyArray?, _ rows: Range<Int>, into tensor: Tensor
  ) throws(ReplayError) {
    guard let array else { return }
    do throws(NpyError) { try array.stream(rows: rows, into: tensor.buffer) } catch {
      throw .npy(error)
    }
  }
}
