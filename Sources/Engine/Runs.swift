import CEngine
import Npy
import Replay

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
  answering { () throws(Failure) in
    let out = try OutHandle(run, "run")
    let folder = try Arguments.text(path, "path")
    do throws(ReplayError) { out.set(HeldRun(try Run(folder: folder))) } catch {
      throw Failure(error)
    }
  }
}

/// Makes a run of the text of a run.json and the arrays that it names.
@c @implementation
public func defib_run_create(
  _ json: UnsafePointer<CChar>?, _ json_size: Int, _ arrays: UnsafePointer<defib_array>?,
  _ count: Int, _ run: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(run, "run")
    let text = try Arguments.text(json, size: json_size, "json")
    let views = try BorrowedArrays.read(arrays, count)
    do throws(ReplayError) { out.set(HeldRun(try Run(json: text, arrays: views))) } catch {
      throw Failure(error)
    }
  }
}

/// Ends a run.
@c @implementation
public func defib_run_free(_ run: OpaquePointer?) { Handles.end(run, HeldRun.self) }
