extension Run {
  /// The bytes that threads and probes share out among themselves: where nobody has asked for a number,
  /// 2 GiB and four times the parameters, which leaves the rest of the machine to others. One batch is
  /// replayed even if it takes more.
  package var workingMemory: Int {
    guard !memory.isChosen else { return memory.bytes }
    return min(
      memory.bytes, Int(min(Double(Int.max / 2), Self.standardMemory + 4 * parameterBytes)))
  }

  /// How many trainings fit in that at once: each with weights, gradients and the state of an optimizer of
  /// its own.
  package var affordableTrainings: Int {
    let each = max(1, 6 * parameterBytes)
    return max(1, Int(min(Double(Int.max / 2), Double(workingMemory) / each)))
  }

  private var parameterBytes: Double {
    graph.parameters.reduce(0.0) { $0 + 4 * Double($1.array.count) }
  }

  private static let standardMemory = Double(1 << 31)
}
