import ArgumentParser
import Glibc

/// Where text goes, and what it can show there.
struct Console {
  private let descriptor: Int32?
  private let mayColor: Bool

  /// Results.
  static let output = Console(descriptor: STDOUT_FILENO, color: true)
  /// Everything else.
  static let errors = Console(descriptor: STDERR_FILENO, color: true)

  /// - Parameters:
  ///   - descriptor: an open file; nil for a text that goes elsewhere.
  ///   - color: whether the user allows colours.
  init(descriptor: Int32?, color: Bool) {
    self.descriptor = descriptor
    mayColor = color
  }

  /// Whether somebody is looking.
  var isTerminal: Bool { descriptor.map { isatty($0) == 1 } ?? false }

  /// Whether colours are allowed and can be shown (https://no-color.org).
  var hasColor: Bool {
    mayColor && isTerminal && Self.variable("NO_COLOR").isEmpty
      && Self.variable("TERM") != "dumb"
  }

  /// Columns of a line: those of the terminal, but never so many that a line is hard to read.
  var width: Int {
    guard let descriptor, isTerminal else { return 80 }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(100, Int(size.ws_col))
  }

  /// Writes a message with the name of the program in front. Names in it come from files: control
  /// characters must not reach the terminal.
  func say(_ message: String) {
    let clean = message.unicodeScalars.map { scalar in
      scalar.value < 32 || (127..<160).contains(scalar.value) ? "\u{FFFD}" : scalar
    }
    _ = put("defib: \(String(String.UnicodeScalarView(clean)))\n")
  }

  /// Writes a result.
  ///
  /// - Throws: the exit status 2, after a message, when there is no room for it.
  func write(_ text: String) throws {
    if let reason = put(text) { throw Failure.exit("standard output: \(reason)", status: 2) }
  }

  /// Writes a text; the reason when that fails.
  func put(_ text: String) -> String? {
    guard let descriptor else { return nil }
    var rest = ArraySlice(text.utf8)
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // Nobody reads any more: nothing is left to do.
      if count < 0 && errno == EPIPE { return nil }
      guard count > 0 else { return String(cString: strerror(errno)) }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  private static func variable(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }
}
