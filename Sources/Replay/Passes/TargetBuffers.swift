import Npy
import Tensors

/// Room for the targets of one batch, as float32.
final class TargetBuffers {
  private let arena: Arena
  private let tensors: [Tensor]

  init(_ run: Run, rows: Int) throws(ReplayError) {
    do throws(TensorError) {
      var shapes: [Shape] = []
      for term in run.losses {
        shapes.append(try Shape([rows] + (run.data[term.target]?.shape.dropFirst() ?? [])))
      }
      arena = try Arena(bytes: shapes.reduce(0) { $0 + Arena.bytes($1.count) })
      var tensors: [Tensor] = []
      for shape in shapes { tensors.append(try arena.tensor(shape)) }
      self.tensors = tensors
    } catch { throw .system(error) }
  }

  /// The targets of a loss for some rows.
  func read(_ index: Int, _ rows: Range<Int>, _ run: Run) throws(ReplayError) -> Tensor {
    let tensor = tensors[index]
    guard let array = run.data[run.losses[index].target] else { return tensor }
    do throws(NpyError) { try array.read(rows: rows, into: tensor.buffer) } catch {
      throw .npy(error)
    }
    return tensor
  }
}
