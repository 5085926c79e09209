import ArgumentParser
import Glibc
import Npy

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

  /// Writes a message with the name of the program in front.
  func say(_ message: String) { _ = put("defib: \(Printable.text(message))\n") }

  /// Writes a result.
  ///
  /// - Throws: the exit status 2, after a message, when there is no room for it.
  func write(_ text: String) throws {
    if let reason = put(text) { throw Failure.exit("standard output: \(reason)", status: 2) }
  }

  /// Writes a text; the reason when that fails.
  func put(_ text: String) -> String? {
    descriptor.flatMap { TextOutput.write(text, to: $0) }
  }

  private static func variable(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }
}
