import CEngine
import Runs
import Support
import Testing

/// Shorter ways to call the C interface from Swift.
enum Call {
  static let ok = defib_status(DEFIB_OK)
  static let invalidArgument = defib_status(DEFIB_INVALID_ARGUMENT)
  static let invalidRun = defib_status(DEFIB_INVALID_RUN)
  static let cannotReplay = defib_status(DEFIB_CANNOT_REPLAY)
  static let cancelled = defib_status(DEFIB_CANCELLED)

  static var message: String { String(cString: defib_last_error()) }

  /// What stands in a text handle, which is freed.
  static func take(_ text: OpaquePointer?) -> String {
    defer { defib_text_free(text) }
    return defib_text_data(text).map { String(cString: $0) } ?? ""
  }

  /// Opens a run that a test has built, and frees it afterwards.
  static func withRun<T>(
    _ builder: RunBuilder, _ body: (OpaquePointer) throws -> T
  ) throws -> T {
    let folder = TemporaryFolder()
    var run: OpaquePointer?
    #expect(defib_run_open(try folder.write(builder), &run) == ok, "\(message)")
    defer { defib_run_free(run) }
    return try body(try #require(run))
  }

  static func options(
    workers: Int32 = 0, initial: Int32 = 0, settings: UnsafePointer<CChar>? = nil,
    progress: defib_progress? = nil, context: UnsafeMutableRawPointer? = nil,
    executor: defib_executor? = nil
  ) -> defib_options {
    defib_options(
      size: MemoryLayout<defib_options>.size, workers: workers, initial: initial,
      progress: progress, context: context, settings: settings, executor: executor,
      executor_context: context, memory: 0)
  }
}
