import CEngine
import Diagnosis
import Npy
import Runs

/// Why a call failed: its status, and the message for `defib_last_error`.
struct Failure: Error {
  let status: defib_status
  let message: String

  static func argument(_ name: String, found: String, expected: String) -> Failure {
    Failure(
      status: defib_status(DEFIB_INVALID_ARGUMENT),
      message: "\(name): found \(found), expected \(expected)")
  }

  static let cancelled = Failure(
    status: defib_status(DEFIB_CANCELLED), message: RunError.cancelled.description)

  init(status: defib_status, message: String) {
    self.status = status
    self.message = message
  }

  init(_ error: RunError) {
    let status =
      switch error {
      case .cancelled: DEFIB_CANCELLED
      case .shard: DEFIB_INVALID_ARGUMENT
      case .system: error.isSystem ? DEFIB_SYSTEM : DEFIB_CANNOT_REPLAY
      default:
        error.isSystem ? DEFIB_SYSTEM : error.isReplay ? DEFIB_CANNOT_REPLAY : DEFIB_INVALID_RUN
      }
    self.init(status: defib_status(status), message: error.description)
  }

  init(_ error: NpyError) {
    self.init(status: defib_status(DEFIB_INVALID_RUN), message: error.description)
  }

  init(_ error: OptionError) {
    self.init(
      status: defib_status(DEFIB_INVALID_ARGUMENT), message: "settings: \(error.description)")
  }
}

/// Does the work of a function of the header: what it throws becomes a status and a message.
func answering(_ body: () throws(Failure) -> Void) -> defib_status {
  do throws(Failure) {
    try body()
    return defib_status(DEFIB_OK)
  } catch {
    // It ends on somebody's terminal, or in a log.
    var message = Printable.text(error.message)
    message.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { engine_set_error($0.baseAddress, $0.count) }
    }
    return error.status
  }
}
