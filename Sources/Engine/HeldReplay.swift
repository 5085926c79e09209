import CEngine
import Replay
import Runs

/// A replay that a caller holds.
final class HeldReplay: Sendable {
  private let outputs: [HeldArray]
  private let gradients: [HeldArray]
  private let losses: [HeldArray]

  init(_ run: Run, _ result: ReplayPass.Result) {
    outputs = result.outputs.map { HeldArray($0.name, "<f4", $0.shape.dims, $0.values) }
    gradients = Self.gradients(run, result)
    // The mean of no samples is no number.
    let isJudged = run.samples > 0
    var losses = zip(run.losses, result.vitals.losses).map { term, measured in
      let isAlone = run.losses.count { $0.kind == term.kind } == 1
      let prediction = run.graph.tensors[term.prediction]
      return HeldArray(
        isAlone ? term.kind : "\(term.kind):\(prediction)", "<f8", [1],
        [isJudged ? measured.value : .nan])
    }
    if !run.losses.isEmpty && !run.training.regularization.isEmpty {
      losses.append(HeldArray("penalty", "<f8", [1], [result.vitals.penalty]))
    }
    self.losses = losses
  }

  /// One array a trainable parameter, of losses and penalties together: zeros where nothing depends
  /// on it, no arrays at all without a loss.
  private static func gradients(_ run: Run, _ result: ReplayPass.Result) -> [HeldArray] {
    guard !run.losses.isEmpty else { return [] }
    return run.graph.parameters.filter(\.trainable).map { parameter in
      var values =
        result.vitals.parameterGradients[parameter.tensor]
        ?? [Double](repeating: 0, count: parameter.array.count)
      if let penalty = result.vitals.penaltyGradient(parameter) {
        for i in values.indices { values[i] += penalty[i] }
      }
      return HeldArray(
        parameter.name, "<f4", parameter.array.shape, values.map { Float($0) })
    }
  }

  /// The arrays of a kind; nil when there is no such kind.
  func arrays(_ kind: defib_replay_kind) -> [HeldArray]? {
    switch Int(kind) {
    case Int(DEFIB_OUTPUTS): outputs
    case Int(DEFIB_GRADIENTS): gradients
    case Int(DEFIB_LOSSES): losses
    default: nil
    }
  }
}

/// One array of a replay, at an address that stays.
final class HeldArray: @unchecked Sendable {
  private let name: HeldText
  private let type: HeldText
  // Never written after `init`.
  private let data: UnsafeMutableRawBufferPointer
  private let shape: UnsafeMutableBufferPointer<Int64>
  private let dimensions: Int

  init<Element: BitwiseCopyable>(
    _ name: String, _ type: String, _ shape: [Int], _ values: [Element]
  ) {
    self.name = HeldText(name)
    self.type = HeldText(type)
    let data = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, values.count * MemoryLayout<Element>.stride), alignment: 64)
    values.withUnsafeBytes { data.copyMemory(from: $0) }
    self.data = data
    let lengths = UnsafeMutableBufferPointer<Int64>.allocate(capacity: max(1, shape.count))
    lengths.initialize(repeating: 0)
    for (axis, length) in shape.enumerated() { lengths[axis] = Int64(length) }
    self.shape = lengths
    dimensions = shape.count
  }

  deinit {
    data.deallocate()
    shape.deallocate()
  }

  /// Writes the description where the caller wants it, behind the size that the caller has set.
  func describe(in place: UnsafeMutableRawBufferPointer) {
    withUnsafeBytes(of: description) { bytes in
      for byte in MemoryLayout<Int>.size..<place.count { place[byte] = bytes[byte] }
    }
  }

  /// The array for the caller.
  private var description: defib_array {
    defib_array(
      size: MemoryLayout<defib_array>.size, path: UnsafePointer(name.bytes.baseAddress),
      data: UnsafeRawPointer(data.baseAddress), dtype: UnsafePointer(type.bytes.baseAddress),
      ndim: dimensions, shape: UnsafePointer(shape.baseAddress), strides: nil,
      total_rows: 0, first_row: 0, read: nil, context: nil)
  }
}
