import Replay
import Runs

/// An executor that does lanes in this process, as another one would: of a run that was opened anew,
/// in no order, and some of them twice.
public struct Loopback: LaneExecutor {
  private let open: @Sendable () throws -> Run

  /// - Parameter open: opens the run again.
  public init(_ open: @escaping @Sendable () throws -> Run) { self.open = open }

  /// Does all lanes, the last one first.
  public func map(_ shards: Shards) throws(RunError) {
    guard let run = try? open() else {
      throw .shard("the run", found: "nothing", expected: "the run again")
    }
    let lanes = Array(shards.rows.indices)
    for lane in lanes.reversed() + lanes.prefix(3) {
      try shards.deliver(
        try ShardRunner.run(run, pass: shards.pass, lanes: lane..<(lane + 1)))
    }
  }
}
