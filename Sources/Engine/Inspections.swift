import CEngine
import Inspection
import Npy

/// What the inspector shows of a file.
@c @implementation
public func defib_inspect(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<defib_options>?,
  _ inspection: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(inspection, "inspection")
    let path = try Arguments.text(path, "path")
    let options = try Options(options)
    let measured = InspectionOptions(threads: options.workers > 0 ? options.workers : nil)
    out.set(
      try CallingThread.run(options, stage: "inspection") { progress, _ in
        Result { () throws(NpyError) in
          HeldText(
            try Inspector.json(path: path, options: measured) {
              progress.pulse()
              return progress.isCancelled
            })
        }.mapError(Failure.init)
      })
  }
}
