import CEngine
import Npy
import Replay
import Runs

/// A run that a caller holds.
final class HeldRun: Sendable {
  let run: Run

  init(_ run: Run) { self.run = run }
}

/// Opens the run in a folder.
@c @implementation
public func defib_run_open(
  _ path: UnsafePointer<CChar>?, _ run: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  defib_run_open_with(path, nil, run)
}

/// The same, to be stopped by the progress callback.
@c @implementation
public func defib_run_open_with(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<defib_options>?,
  _ run: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(run, "run")
    let folder = try Arguments.text(path, "path")
    let options = try Options(options)
    out.set(
      try HeldRun.opened(options) { isCancelled throws(RunError) in
        try Run.open(folder: folder, isCancelled: isCancelled)
      })
  }
}

/// Makes a run of the text of a run.json and the arrays that it names.
@c @implementation
public func defib_run_create(
  _ json: UnsafePointer<CChar>?, _ json_size: Int, _ arrays: UnsafePointer<defib_array>?,
  _ count: Int, _ run: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  defib_run_create_with(json, json_size, arrays, count, nil, run)
}

/// The same, to be stopped by the progress callback.
@c @implementation
public func defib_run_create_with(
  _ json: UnsafePointer<CChar>?, _ json_size: Int, _ arrays: UnsafePointer<defib_array>?,
  _ count: Int, _ options: UnsafePointer<defib_options>?,
  _ run: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(run, "run")
    let text = try Arguments.text(json, size: json_size, "json")
    let views = try BorrowedArrays.read(arrays, count)
    let options = try Options(options)
    out.set(
      try HeldRun.opened(options) { isCancelled throws(RunError) in
        try Run.open(json: text, arrays: views, isCancelled: isCancelled)
      })
  }
}

extension HeldRun {
  /// Opens a run; its own errors have a status.
  fileprivate static func opened(
    _ options: Options,
    _ open: @escaping @Sendable (@escaping () -> Bool) throws(RunError) -> Run
  ) throws(Failure) -> HeldRun {
    try CallingThread.run(options, stage: "opening") { progress, _ in
      Result { () throws(RunError) in
        HeldRun(
          try open {
            progress.pulse()
            return progress.isCancelled
          })
      }.mapError(Failure.init)
    }
  }
}

/// Ends a run.
@c @implementation
public func defib_run_free(_ run: OpaquePointer?) { Handles.end(run, HeldRun.self) }
