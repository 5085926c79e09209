import CEngine
import Inspection
import Npy
import Runs

/// What the inspector shows of a file.
@c @implementation
public func defib_inspect(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<defib_options>?,
  _ inspection: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(inspection, "inspection")
    let path = try Arguments.text(path, "path")
    out.set(
      try Inspections.run(options) { measured, isCancelled throws(NpyError) in
        try Inspector.json(path: path, options: measured, isCancelled: isCancelled)
      })
  }
}

/// What the inspector shows of an array in memory.
@c @implementation
public func defib_inspect_array(
  _ array: UnsafePointer<defib_array>?, _ options: UnsafePointer<defib_options>?,
  _ inspection: UnsafeMutablePointer<OpaquePointer?>?
) -> defib_status {
  answering { () throws(Failure) in
    let out = try OutHandle(inspection, "inspection")
    guard let array else {
      throw .argument("array", found: "NULL", expected: "an array")
    }
    let (path, borrowed) = try BorrowedArrays.readOne(array)
    out.set(
      try Inspections.run(options) { measured, isCancelled throws(NpyError) in
        try Inspector.json(borrowed, path: path, options: measured, isCancelled: isCancelled)
      })
  }
}

/// What both calls do.
enum Inspections {
  static func run(
    _ options: UnsafePointer<defib_options>?,
    _ body:
      @escaping @Sendable (
        _ options: InspectionOptions, _ isCancelled: @escaping @Sendable () -> Bool
      ) throws(NpyError) -> String
  ) throws(Failure) -> HeldText {
    let settings = try settings(options)
    let options = try Options(options)
    var measured = InspectionOptions(threads: options.workers > 0 ? options.workers : nil)
    measured.quantiles = settings
    return try CallingThread.run(options, stage: "inspection") { [measured] progress, _ in
      Result { () throws(NpyError) in
        HeldText(
          try body(measured) {
            progress.pulse()
            return progress.isCancelled
          })
      }.mapError(Failure.init)
    }
  }

  /// Whether quantiles are asked for: `{"quantiles": true}`.
  private static func settings(
    _ pointer: UnsafePointer<defib_options>?
  ) throws(Failure) -> Bool {
    guard let pointer,
      let settings = try Arguments.structure(pointer, defib_options(), "options").settings
    else { return false }
    let text = try Arguments.text(settings, "options.settings")
    guard let value = try? JSONValue(parsing: text), case .object(let members) = value else {
      throw .argument("options.settings", found: "something else", expected: "a JSON object")
    }
    for key in members.keys.sorted() where key != "quantiles" {
      throw .argument("settings", found: "the key \"\(key)\"", expected: "\"quantiles\"")
    }
    guard let value = members["quantiles"] else { return false }
    guard case .bool(let flag) = value else {
      throw .argument("settings.quantiles", found: value.kind, expected: "true or false")
    }
    return flag
  }
}
