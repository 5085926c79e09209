import CEngine
import Replay
import Reports
import Runs

/// The measurements of one replay alone.
@c @implementation
public func defib_vitals(
  _ run: OpaquePointer?, _ options: UnsafePointer<defib_options>?,
  _ vitals: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(vitals, "vitals")
    let held: HeldRun = try Handles.require(run, "run")
    let options = try Options(options)
    let run = options.bounded(held.run)
    try options.requireWeights(of: held.run)
    let (snapshot, workers) = (options.snapshot, options.workers)
    out.set(
      try CallingThread.run(options) { progress, executor in
        Result { () throws(RunError) in
          try measure(run, snapshot, workers, executor, progress)
        }.mapError(Failure.init)
      })
  }
}

private func measure(
  _ run: Run, _ snapshot: Weights.Snapshot, _ workers: Int,
  _ executor: (any LaneExecutor)?, _ progress: Progress
) throws(RunError) -> HeldText {
  let data = try DataPass(run).run(
    workers: workers, executor: executor, progress: progress)
  let weights = try Weights(run, at: snapshot)
  let clock = ContinuousClock()
  let start = clock.now
  let result = try ReplayPass(run, at: snapshot).run(
    workers: workers, executor: executor, progress: progress)
  let seconds = (clock.now - start) / .seconds(1)
  return HeldText(
    VitalsJSON(run, result, data: data, weights: weights, seconds: seconds).text)
}
