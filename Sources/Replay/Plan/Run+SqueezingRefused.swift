import Npy
import Operators
import Runs
import Tensors

extension Run {
  /// The same run with the targets of refused losses in the shape of their predictions, where axes of
  /// length 1 are all that keeps them apart: PyTorch refuses (N, 1) against (N,) under a binary
  /// cross-entropy, so that a loop that ran must have squeezed one of them.
  func squeezingRefused() -> Run {
    guard !losses.isEmpty,
      let plan = try? Plan(without(losses: Set(losses.indices)), rows: max(1, min(batchSize, 64)))
    else { return self }
    var shapes: [String: [Int]] = [:]
    for term in losses {
      let prediction = plan.operands[term.prediction].shape
      guard let target = data[term.target], prediction.rank > 0,
        let rows = try? Shape([plan.rows] + target.shape.dropFirst()),
        (try? term.loss.coupling(prediction: prediction, target: rows)) == nil,
        (try? term.loss.coupling(prediction: prediction, target: prediction)) != nil
      else { continue }
      shapes[term.target] = [target.rows] + prediction.dims.dropFirst()
    }
    var other = squeezing(shapes)
    // Whoever opens the run squeezes it alike, so that it is the same run.
    other.identity = identity
    other.part = part
    return other
  }
}
