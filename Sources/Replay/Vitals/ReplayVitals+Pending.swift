import Tensors

/// The sum of one parameter's gradient over some batches of a lane, in float32.
///
/// Its executor writes it again only once it is merged, settled, or has memory of its own.
struct PendingGradient: @unchecked Sendable {
  /// The sum.
  let sum: Tensor
  /// What keeps its memory.
  let arena: Arena
}

// A lane of few batches sums the gradients of parameters in float32, where its executor has them.
// They are turned into double as they are merged: a large network has no memory for sums of each lane.
extension ReplayVitals {
  /// Leaves a gradient to be merged.
  mutating func leave(_ gradient: PendingGradient, of tensor: Int) {
    if parameterGradients[tensor] != nil { pending[tensor] = gradient }
  }

  /// Adds what is pending to the sums in double.
  mutating func settle() {
    for tensor in pending.indices {
      guard let more = pending[tensor].take() else { continue }
      parameterGradients[tensor]?.add(more.sum.buffer) { Double($0) }
    }
  }

  /// Gives what is pending memory of its own, before its executor goes on.
  ///
  /// - Throws: `TensorError.memory` when the system has none.
  mutating func detach() throws(TensorError) {
    let bytes = pending.reduce(0) { $0 + ($1.map { Arena.bytes($0.sum.count) } ?? 0) }
    guard bytes > 0 else { return }
    let arena = try Arena(bytes: bytes)
    for tensor in pending.indices {
      guard let gradient = pending[tensor] else { continue }
      let copy = try arena.tensor(gradient.sum.shape)
      copy.copy(gradient.sum)
      pending[tensor] = PendingGradient(sum: copy, arena: arena)
    }
  }

  /// Adds the gradients of a later lane.
  mutating func mergeGradients(_ other: ReplayVitals) {
    settle()
    for tensor in parameterGradients.indices {
      guard let sums = other.parameterGradients[tensor] else { continue }
      sums.withUnsafeBufferPointer { if !$0.isEmpty { parameterGradients[tensor]?.add($0) { $0 } } }
      if let more = other.pending[tensor] {
        parameterGradients[tensor]?.add(more.sum.buffer) { Double($0) }
      }
    }
  }
}

extension [Double] {
  /// Adds an array of as many elements; to an empty one as if it were all zeros.
  fileprivate mutating func add<Buffer: Collection>(
    _ more: Buffer, _ double: (Buffer.Element) -> Double
  ) where Buffer.Index == Int {
    guard !isEmpty else {
      self = more.map(double)
      return
    }
    withUnsafeMutableBufferPointer { sums in
      for i in sums.indices { sums[i] += double(more[i]) }
    }
  }
}
