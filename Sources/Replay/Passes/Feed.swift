import Npy
import Runs
import Tensors

/// An array of the data, and the tensor that the rows of a batch go to. A class, for a batch would
/// retain every part of a struct.
final class Feed {
  let tensor: Tensor
  private let array: NpyArray?

  /// - Parameter array: nil leaves the tensor as it is.
  init(_ array: NpyArray?, into tensor: Tensor) {
    self.array = array
    self.tensor = tensor
  }

  /// - Throws: `RunError.npy` when the rows cannot be read.
  func read(_ rows: Range<Int>) throws(RunError) {
    try bridging(array?.read(rows: rows, into: tensor.buffer))
  }
}
