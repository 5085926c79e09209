import Runs

/// Does lanes of a pass for a check that runs in another process.
public enum ShardRunner {
  /// Does some lanes of a pass.
  ///
  /// - Parameters:
  ///   - run: the run of the check, opened here.
  ///   - bytes: the pass, as `Shards.pass` has it.
  ///   - lanes: which.
  ///   - workers: threads; 0 for one per core.
  /// - Returns: bytes for `Shards.deliver`. An error of a lane is inside of them.
  /// - Throws: `RunError.shard` when the pass is damaged, of another run, or has no such lanes;
  ///   `cancelled`.
  public static func run(
    _ run: Run, pass bytes: [UInt8], lanes: Range<Int>, workers: Int = 1,
    progress: Progress = Progress()
  ) throws(RunError) -> [UInt8] {
    let (kind, owner, body) = try Envelope.opened(bytes, .pass)
    guard owner == run.identity else {
      throw .shard(
        "the pass", found: "one of another run than is open here, or of another version of it",
        expected: "a pass of this run")
    }
    let work = Work(
      run: run, digest: Digest.of(bytes: bytes), lanes: lanes, workers: workers, progress: progress)
    return switch kind {
    case .data: try work.done(DataPass.self, body)
    case .targets: try work.done(TargetPass.self, body)
    case .replay: try work.done(ReplayPass.self, body)
    case .correlation: try work.done(CorrelationPass.self, body)
    case .rows: try work.done(RowPass.self, body)
    case .outliers: try work.done(OutlierPass.self, body)
    }
  }

  private struct Work {
    let run: Run
    let digest: UInt64
    let lanes: Range<Int>
    let workers: Int
    let progress: Progress

    func done<Whole: PortablePass>(
      _ type: Whole.Type, _ body: ByteReader
    ) throws(RunError) -> [UInt8] {
      var body = body
      let whole = try Whole(run, from: &body)
      try body.end()
      guard lanes.lowerBound >= 0, lanes.upperBound <= whole.laneCount else {
        throw .shard(
          "the lanes", found: "\(lanes)", expected: "lanes inside 0..<\(whole.laneCount)")
      }
      let parts = try Part(whole: whole, lanes: lanes).merged(workers: workers, progress: progress)
      return Envelope.sealed(.lanes, Whole.kind, owner: digest) { writer in
        writer.put(lanes.count)
        for (lane, part) in zip(lanes, parts ?? []) {
          writer.put(lane)
          writer.put(part.count)
          writer.put(raw: part)
        }
      }
    }
  }

  /// Some lanes of a pass; each gives its bytes.
  private struct Part<Whole: PortablePass>: Pass {
    let whole: Whole
    let lanes: Range<Int>

    var stage: String { whole.stage }
    var laneCount: Int { lanes.count }

    func worker(_ progress: Progress) -> LaneWorker<[[UInt8]]> {
      let first = lanes.lowerBound
      let once = Once(whole, progress)
      return LaneWorker { index in [once.bytes(of: first + index)] }
    }

    static func merge(_ all: inout [[UInt8]], _ next: consuming [[UInt8]]) { all += next }
  }

  /// The worker of one thread, made when the first lane wants it: an error then is one of that lane.
  private final class Once<Whole: PortablePass> {
    private let pass: Whole
    private let progress: Progress
    private var worker: LaneWorker<Whole.Partial>?

    init(_ pass: Whole, _ progress: Progress) { (self.pass, self.progress) = (pass, progress) }

    func bytes(of lane: Int) -> [UInt8] {
      var writer = ByteWriter()
      do throws(RunError) {
        let current = if let worker { worker } else { try pass.worker(progress) }
        worker = current
        var partial = try current.run(lane)
        try current.detach(&partial, true)
        writer.put(true)
        writer.put(partial)
      } catch {
        writer.put(false)
        writer.put(RelayedError(error))
      }
      return writer.bytes
    }
  }
}
