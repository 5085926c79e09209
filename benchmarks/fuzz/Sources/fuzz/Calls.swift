import CEngine
import Engine
import Runs

/// Calls of the C interface, with what every caller may rely on.
enum Calls {
  /// Options that keep an input from taking all of the machine.
  static func options(settings: UnsafePointer<CChar>? = nil) -> defib_options {
    var options = defib_options()
    options.size = MemoryLayout<defib_options>.size
    options.workers = 1
    options.settings = settings
    options.memory = 256 << 20
    return options
  }

  /// Calls something that makes a handle: there is one, or else there is a message.
  static func make(
    _ call: (_ out: UnsafeMutablePointer<OpaquePointer?>, _ options: inout defib_options)
      -> defib_status, settings: String? = nil
  ) -> OpaquePointer? {
    var handle: OpaquePointer?
    let status =
      if let settings {
        settings.withCString { text in
          var options = options(settings: text)
          return call(&handle, &options)
        }
      } else {
        {
          var options = options()
          return call(&handle, &options)
        }()
      }
    Target.expect((status == DEFIB_OK) == (handle != nil), "status \(status) has its handle")
    Target.expect((0...5).contains(status), "status \(status) is one of the header")
    if status != DEFIB_OK {
      Target.expect(!String(cString: defib_last_error()).isEmpty, "status \(status) has a message")
    }
    return handle
  }

  /// The text of a handle, which is freed.
  static func take(_ text: OpaquePointer?) -> String? {
    guard let text else { return nil }
    defer { defib_text_free(text) }
    let bytes = UnsafeRawBufferPointer(start: defib_text_data(text), count: defib_text_size(text))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same of a text that must be JSON.
  static func takeJSON(_ text: OpaquePointer?, _ name: String) {
    guard let text = take(text) else { return }
    Target.expect((try? JSONValue(parsing: text)) != nil, "\(name) is JSON: \(text.prefix(2000))")
  }
}
