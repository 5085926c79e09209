import Npy
import Runs
import Tensors

/// Memory for some rows of an array as float32, to be read into again and again. Belongs to one
/// thread.
final class RowBuffer {
  /// Values of a row.
  let width: Int
  private let array: NpyArray
  private let arena: Arena
  private let memory: Tensor

  /// - Parameter rows: the most rows that are read at a time.
  /// - Throws: `RunError.system` when memory runs out.
  init(_ array: NpyArray, rows: Int) throws(RunError) {
    self.array = array
    width = array.rowLength
    do throws(TensorError) {
      arena = try Arena(bytes: Arena.bytes(rows * width))
      memory = try arena.tensor(try Shape([rows * width]))
    } catch { throw .system(error) }
  }

  /// Rows that follow each other, valid until the next ones are read.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  func read(_ rows: Range<Int>) throws(RunError) -> UnsafeMutableBufferPointer<Float> {
    let part = part(rows.count)
    try bridging(array.read(rows: rows, into: part))
    return part
  }

  /// Rows from any places, valid until the next ones are read.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  func read(_ places: [Int]) throws(RunError) -> UnsafeMutableBufferPointer<Float> {
    let part = part(places.count)
    try bridging(array.read(rows: places, into: part))
    return part
  }

  private func part(_ rows: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: memory.buffer[..<(rows * width)])
  }
}
