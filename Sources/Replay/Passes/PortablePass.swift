import Runs
import Synchronization

/// A pass whose lanes other processes may do if they have the run.
protocol PortablePass<Partial>: Pass where Partial: Portable {
  static var kind: PassKind { get }

  /// The opened run that another process makes the pass of; nil when the pass is of data that only
  /// this process has.
  var home: Run? { get }
  /// The data that it reads, by name, and the rows that a lane reads.
  var reads: (names: [String], validation: Bool) { get }
  func rows(of lane: Int) -> Range<Int>

  /// Writes what `init` needs to make the pass again.
  func write(to writer: inout ByteWriter)
  init(_ run: Run, from reader: inout ByteReader) throws(RunError)
}

extension PortablePass {
  /// Does all lanes, by an executor where there is one and the pass can be told to it.
  ///
  /// - Returns: the merged partials; nil when there are no lanes.
  /// - Throws: the first error in the order of the lanes, or `cancelled`.
  func merged(
    workers: Int, executor: (any LaneExecutor)?, progress: Progress
  ) throws(RunError) -> Partial? {
    guard let executor, let home, laneCount > 0 else {
      return try merged(workers: workers, progress: progress)
    }
    progress.begin(stage, total: laneCount)
    return try merged(by: executor, home, progress)
  }

  private func merged(
    by executor: any LaneExecutor, _ run: Run, _ progress: Progress
  ) throws(RunError) -> Partial? {
    let state = Mutex(LaneState<Partial>())
    let bytes = Envelope.sealed(.pass, Self.kind, owner: run.identity) { write(to: &$0) }
    let reads = reads
    let arrays = reads.validation ? run.validation : run.data
    let shards = Shards(
      pass: bytes, kind: Self.kind, stage: stage, rows: (0..<laneCount).map { rows(of: $0) },
      files: reads.names.compactMap { arrays[$0]?.file }
    ) { (lane, reader) throws(RunError) in
      let result: Result<Partial, RunError>
      if try reader.value(Bool.self) {
        let partial = try Partial(from: &reader)
        guard accepts(partial, of: lane) else { throw .shapes(lane, stage) }
        result = .success(partial)
      } else {
        result = .failure(.elsewhere(try RelayedError(from: &reader)))
      }
      try reader.end()
      state.withLock { $0.put(result, at: lane, Self.merge) }
      progress.advance()
    }
    try executor.map(shards)
    let merged = try state.withLock { $0 }.end(progress)
    if let lane = shards.missing.first {
      throw .shard(
        "the executor", found: "no result of lane \(lane) of \(laneCount) (\(stage))",
        expected: "one of every lane")
    }
    return merged
  }
}
