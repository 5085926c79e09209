import Runs
import Synchronization
import Tensors

/// The values of one output over all samples.
public struct OutputArray: Sendable {
  /// The tensor's name.
  public let name: String
  /// The shape, with all samples along axis 0 where the output has samples.
  public let shape: Shape
  /// The values, in row-major order.
  public let values: [Float]
}

/// Keeps some tensors of every batch. Batches write rows of their own, under a lock that is held for
/// a copy.
final class OutputCollector: Sendable {
  private let tensors: [(tensor: Int, name: String, shape: Shape, batched: Bool)]
  private let state: Mutex<[[Float]]>

  /// Which tensors are kept.
  let collected: [Int]

  init(_ run: Run, _ plan: Plan, _ collected: [Int]) throws(RunError) {
    self.collected = collected
    var tensors: [(tensor: Int, name: String, shape: Shape, batched: Bool)] = []
    var total = ByteCount()
    for output in collected {
      let operand = plan.operands[output]
      var dims = operand.shape.dims
      let name = "output \"\(run.graph.tensors[output])\""
      guard plan.rows >= run.samples || !operand.batched || plan.batchAxes[output] == [0] else {
        throw .array(
          name,
          found: "\(operand.shape), which follows the batch along axes \(plan.batchAxes[output])",
          expected: "one row per sample, or all samples in one batch")
      }
      if operand.batched && !dims.isEmpty && dims[0] == plan.rows { dims[0] = run.samples }
      total.add(ByteCount.product(dims, of: 4) ?? Int.max, of: 1)
      try run.memory.require(total.total, for: "\(name) of all samples")
      do throws(TensorError) {
        tensors.append((output, run.graph.tensors[output], try Shape(dims), operand.batched))
      } catch { throw .system(error) }
    }
    self.tensors = tensors
    state = Mutex(tensors.map { [Float](repeating: 0, count: $0.shape.count) })
  }

  /// Copies the tensors of one batch.
  func store(_ rows: Range<Int>, _ executor: Executor) throws(RunError) {
    for (index, output) in tensors.enumerated() {
      let value = executor.values[output.tensor]
      let perRow = output.batched ? output.shape.rowCount : 0
      let start = min(rows.lowerBound, output.shape.count) * perRow
      guard start + value.count <= output.shape.count else {
        throw .array(
          "output \"\(output.name)\"", found: "\(value.shape) for \(rows.count) samples",
          expected: "one row per sample")
      }
      state.withLock { arrays in
        for i in 0..<value.count { arrays[index][start + i] = value.base[i] }
      }
    }
  }

  /// Everything stored.
  var arrays: [OutputArray] {
    let values = state.withLock { $0 }
    return zip(tensors, values).map {
      OutputArray(name: $0.name, shape: $0.shape, values: $1)
    }
  }
}
