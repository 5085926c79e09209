import Runs

extension ReplayVitals: Portable {
  /// Writes settled vitals: what is pending stays behind.
  func write(to writer: inout ByteWriter) {
    writer.put(activations)
    writer.put(gradients)
    writer.put(parameterGradients)
    writer.put(losses)
    writer.put(samples)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    activations = try reader.value()
    gradients = try reader.value()
    parameterGradients = try reader.value()
    pending = parameterGradients.map { _ in nil }
    losses = try reader.value()
    samples = try reader.value()
  }

  /// Whether another one measures the same tensors, units and losses, so that they can be merged.
  func hasShape(of other: ReplayVitals, _ plan: Plan) -> Bool {
    activations.map { $0?.units } == other.activations.map { $0?.units }
      && gradients.map { $0?.units } == other.gradients.map { $0?.units }
      && parameterGradients.count == other.parameterGradients.count
      && zip(parameterGradients, other.parameterGradients).enumerated().allSatisfy { tensor, pair in
        guard pair.0 != nil, let sums = pair.1 else { return pair.0 == nil && pair.1 == nil }
        // In this process sums may be in float32 still, or have nothing to add.
        return sums.count == plan.operands[tensor].shape.count
          || sums.isEmpty && (other.pending[tensor] != nil || other.samples == 0)
      }
      && losses.count == other.losses.count
      && zip(losses, other.losses).allSatisfy { own, other in
        guard let classes = own.classes, let others = other.classes else {
          return own.classes == nil && other.classes == nil
        }
        return classes.hasShape(of: others)
      }
  }
}
