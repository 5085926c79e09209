import Glibc
import Npy

/// Where text goes, and what it can show there.
public struct Console: Sendable {
  private let descriptor: Int32?
  private let mayColor: Bool

  /// Results.
  public static let output = Console(descriptor: STDOUT_FILENO)
  /// Everything else.
  public static let errors = Console(descriptor: STDERR_FILENO)

  /// - Parameters:
  ///   - descriptor: an open file; nil for a text that goes elsewhere.
  ///   - color: whether the user allows colours.
  public init(descriptor: Int32?, color: Bool = true) {
    self.descriptor = descriptor
    mayColor = color
  }

  /// Whether somebody is looking.
  public var isTerminal: Bool { descriptor.map { isatty($0) == 1 } ?? false }

  /// Whether colours are allowed and can be shown (https://no-color.org).
  public var hasColor: Bool {
    mayColor && isTerminal && Self.variable("NO_COLOR").isEmpty
      && Self.variable("TERM") != "dumb"
  }

  /// The address of the documentation, as `DEFIB_DOCS` has it, where links can be shown; nil elsewhere.
  public var documentation: String? {
    let address = Self.variable("DEFIB_DOCS")
    let isAddress = ["https://", "http://", "file://"].contains { address.hasPrefix($0) }
    guard hasColor, isAddress, address.unicodeScalars.allSatisfy({ (33...126).contains($0.value) })
    else { return nil }
    return address.hasSuffix("/") ? String(address.dropLast()) : address
  }

  /// Columns that a table may take: those of the terminal; nil where nobody looks, for lines that another
  /// program reads are not cut.
  public var tableWidth: Int? { terminalWidth }

  private var terminalWidth: Int? {
    guard let descriptor, isTerminal else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Columns of a line: those of the terminal, but never so many that a line is hard to read.
  public var width: Int {
    min(100, terminalWidth ?? 80)
  }

  /// Writes a message.
  ///
  /// - Parameter prefix: what stands before it, such as `defib: `.
  public func say(_ message: String, prefix: String) {
    _ = put("\(prefix)\(Printable.text(message))\n")
  }

  /// Writes a text; the reason when that fails.
  public func put(_ text: String) -> String? {
    descriptor.flatMap { TextOutput.write(text, to: $0) }
  }

  private static func variable(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }
}
