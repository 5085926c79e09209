import Npy
import Operators
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
    other.memory = memory
    return other
  }

  /// The same run with some targets in other shapes, training and validation alike.
  ///
  /// - Parameter shapes: by target: rows and the lengths of a row, which may differ from the target's
  ///   own in axes of length 1; others are left as they are.
  public func squeezing(_ shapes: [String: [Int]]) -> Run {
    var (data, validation) = (data, validation)
    var changed = squeezed
    for (name, shape) in shapes {
      guard let array = data[name]?.squeezed(to: shape) else { continue }
      data[name] = array
      changed.insert(name)
      if let held = validation[name] {
        validation[name] = held.squeezed(to: [held.rows] + shape.dropFirst()) ?? held
      }
    }
    guard changed != squeezed else { return self }
    var other = Run(
      graph: graph, data: data, validation: validation, losses: losses, training: training,
      history: history, provenance: provenance, samples: samples, nominalBatch: nominalBatch)
    other.folder = folder
    other.memory = memory
    other.squeezed = changed
    return other
  }
}
