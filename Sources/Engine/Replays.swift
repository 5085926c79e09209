import CEngine
import Replay
import Runs

/// Replays the run once, forward and backward, over all samples.
@c @implementation
public func defib_replay_run(
  _ run: OpaquePointer?, _ options: UnsafePointer<defib_options>?,
  _ replay: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(replay, "replay")
    let held: HeldRun = try Handles.require(run, "run")
    let options = try Options(options)
    let run = options.bounded(held.run)
    try options.requireWeights(of: held.run)
    let (snapshot, workers) = (options.snapshot, options.workers)
    out.set(
      try CallingThread.run(options) { progress, _ in
        Result { () throws(RunError) in
          let pass = try ReplayPass(run, at: snapshot, collectOutputs: true)
          return HeldReplay(run, try pass.run(workers: workers, progress: progress))
        }.mapError(Failure.init)
      })
  }
}

/// How many arrays of a kind a replay holds.
@c @implementation
public func defib_replay_count(_ replay: OpaquePointer?, _ kind: defib_replay_kind) -> Int {
  Handles.find(replay, HeldReplay.self)?.arrays(kind)?.count ?? 0
}

/// Describes one array of a replay.
@c @implementation
public func defib_replay_array(
  _ replay: OpaquePointer?, _ kind: defib_replay_kind, _ index: Int,
  _ array: UnsafeMutablePointer<defib_array>?
) -> defib_status {
  answering { () throws(Failure) in
    let place = try Arguments.place(array)
    let held: HeldReplay = try Handles.require(replay, "replay")
    guard let arrays = held.arrays(kind) else {
      throw .argument("kind", found: "\(kind)", expected: "one of defib_replay_kind")
    }
    guard arrays.indices.contains(index) else {
      throw .argument(
        "index", found: "\(UInt(bitPattern: index))", expected: "less than \(arrays.count)")
    }
    arrays[index].describe(in: place)
  }
}

/// Ends a replay.
@c @implementation
public func defib_replay_free(_ replay: OpaquePointer?) { Handles.end(replay, HeldReplay.self) }
