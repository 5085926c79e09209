import Runs
import Synchronization

/// A pass that is made of lanes, which other processes may do if they have the run.
protocol LanePass<Partial>: Sendable {
  /// What one lane gives.
  associatedtype Partial: Portable & Sendable

  static var kind: PassKind { get }

  /// What it is called while it goes on.
  var stage: String { get }
  /// How many lanes it has, whoever does them.
  var laneCount: Int { get }
  /// The opened run that another process makes the pass of; nil when the pass is of data that only
  /// this process has.
  var home: Run? { get }
  /// The data that it reads, by name, and the rows that a lane reads.
  var reads: (names: [String], validation: Bool) { get }
  func rows(of lane: Int) -> Range<Int>

  /// What does lanes on one thread.
  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<Partial>
  /// Folds the next lane into all before it.
  static func merge(_ all: inout Partial, _ next: consuming Partial)
  /// Whether a partial that came from elsewhere can be that of a lane.
  func accepts(_ partial: Partial, of lane: Int) -> Bool

  /// Writes what `init` needs to make the pass again.
  func write(to writer: inout ByteWriter)
  init(_ run: Run, from reader: inout ByteReader) throws(RunError)
}

extension Lanes {
  /// Does all lanes of a pass, by an executor where there is one and the pass can be told to it.
  ///
  /// - Returns: the merged partials; nil when there are no lanes.
  /// - Throws: the first error in the order of the lanes, or `cancelled`.
  static func map<Pass: LanePass>(
    _ pass: Pass, workers: Int, executor: (any LaneExecutor)? = nil, progress: Progress
  ) throws(RunError) -> Pass.Partial? {
    progress.begin(pass.stage, total: pass.laneCount)
    if let executor, let home = pass.home, pass.laneCount > 0 {
      return try map(pass, of: home, by: executor, progress)
    }
    return try map(
      pass.laneCount, workers: workers, progress: progress,
      { () throws(RunError) in
        let worker = try pass.worker(progress)
        return LaneWorker(detach: worker.detach) { (lane) throws(RunError) in
          let partial = try worker.run(lane)
          // A lane that was stopped on its way is thrown away.
          guard progress.isStopped || pass.accepts(partial, of: lane) else {
            throw .shapes(lane, pass.stage)
          }
          return partial
        }
      },
      merge: { Pass.merge(&$0, $1) })
  }

  private static func map<Pass: LanePass>(
    _ pass: Pass, of run: Run, by executor: any LaneExecutor, _ progress: Progress
  ) throws(RunError) -> Pass.Partial? {
    let state = Mutex(LaneState<Pass.Partial>())
    let bytes = Envelope.sealed(.pass, Pass.kind, owner: run.identity) { pass.write(to: &$0) }
    let reads = pass.reads
    let arrays = reads.validation ? run.validation : run.data
    let shards = Shards(
      pass: bytes, kind: Pass.kind, stage: pass.stage,
      rows: (0..<pass.laneCount).map { pass.rows(of: $0) },
      files: reads.names.compactMap { arrays[$0]?.file }
    ) { (lane, reader) throws(RunError) in
      let result: Result<Pass.Partial, RunError>
      if try reader.value(Bool.self) {
        let partial = try Pass.Partial(from: &reader)
        guard pass.accepts(partial, of: lane) else { throw .shapes(lane, pass.stage) }
        result = .success(partial)
      } else {
        result = .failure(.elsewhere(try RelayedError(from: &reader)))
      }
      try reader.end()
      state.withLock { $0.put(result, at: lane) { Pass.merge(&$0, $1) } }
      progress.advance()
    }
    try executor.map(shards)
    let end = state.withLock { $0 }
    if let error = end.error { throw error }
    if progress.isCancelled { throw .cancelled }
    if let lane = shards.missing.first {
      throw .shard(
        "the executor", found: "no result of lane \(lane) of \(pass.laneCount) (\(pass.stage))",
        expected: "one of every lane")
    }
    return end.merged
  }
}

extension RunError {
  /// What a lane gave cannot be merged with what the others gave.
  fileprivate static func shapes(_ lane: Int, _ stage: String) -> RunError {
    .shard(
      "lane \(lane) of the \(stage)", found: "measurements of other shapes", expected: "the run's")
  }
}
