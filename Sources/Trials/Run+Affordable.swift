import Replay
import Runs

extension Run {
  /// The most bytes that a probe may take for the values and the gradients of a batch.
  private static let probeBytes = 1 << 29
  /// The fewest rows that a probe is cut to.
  private static let fewestRows = 16

  /// How many rows a probe replays at once: as many as are named, or as many as take half a GiB with all
  /// that lies between the layers. A ResNet-18 on 32×32 images has room for about 40.
  ///
  /// - Throws: `RunError` when the shapes of the run do not fit.
  package func affordable(_ most: Int) throws(RunError) -> Int {
    guard samples > 0 else { return most }
    let plan = try Plan(self, rows: 1)
    // Values and gradients, four bytes each.
    let bytes = 8 * plan.operands.reduce(0) { $0 + ($1.batched ? $1.shape.count : 0) }
    return min(most, max(Self.fewestRows, Self.probeBytes / max(1, bytes)))
  }
}
