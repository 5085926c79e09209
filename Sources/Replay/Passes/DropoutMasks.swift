import Operators
import Runs
import Tensors

/// Masks that dropouts draw where a training is played as it was, and not replayed as its expectation.
/// Belongs to one thread.
package final class DropoutMasks {
  /// The share that each node drops, by the node's index; only those that drop something.
  private let ratios: [Int: Float]
  private var masks: [Int: [Float]] = [:]
  private var random: FixedRandom

  /// - Returns: nil when nothing of the run drops.
  package init?(_ run: Run, _ plan: Plan, seed: UInt64) {
    var ratios: [Int: Float] = [:]
    for (index, node) in run.graph.nodes.enumerated() where node.kind.states(.drops) {
      guard node.inputs.count > 1, let tensor = node.inputs[1],
        let ratio = plan.operands[tensor].constant?.first, ratio > 0, ratio < 1
      else { continue }
      ratios[index] = Float(ratio)
    }
    guard !ratios.isEmpty else { return nil }
    self.ratios = ratios
    random = FixedRandom(seed: seed)
  }

  /// Begins the stream of a seed anew.
  package func restart(seed: UInt64) { random = FixedRandom(seed: seed) }

  /// Draws the mask of a node and drops by it, scaling what is kept as frameworks do.
  func drop(_ node: Int, _ output: Tensor?) {
    guard let ratio = ratios[node], let output else { return }
    var mask = masks[node] ?? []
    if mask.count != output.buffer.count {
      mask = [Float](repeating: 0, count: output.buffer.count)
    }
    let (limit, kept) = (UInt64(Double(ratio) * 0x1p32), 1 / (1 - ratio))
    var bits: UInt64 = 0
    for i in mask.indices {
      bits = i.isMultiple(of: 2) ? random.next() : bits &>> 32
      mask[i] = bits & 0xFFFF_FFFF < limit ? 0 : kept
      output.buffer[i] *= mask[i]
    }
    masks[node] = mask
  }

  /// Takes the gradient of a node's input through the mask of its last batch.
  func carry(_ node: Int, _ gradient: Tensor?) {
    guard let mask = masks[node], let gradient, mask.count == gradient.buffer.count else { return }
    for i in mask.indices { gradient.buffer[i] *= mask[i] }
  }
}
