/// A line of the user's code.
public struct SourceLine: Sendable, Hashable, CustomStringConvertible {
  /// The file, as the run names it: relative to the folder that the script ran in, or to that of a package.
  public let file: String
  /// The line, from 1.
  public let line: Int

  /// A line of a file.
  public init(file: String, line: Int) { (self.file, self.line) = (file, line) }

  /// The line that a text such as `models/net.py:12` names.
  ///
  /// - Returns: nil for any other text.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      let line = Int(text[text.index(after: colon)...]), line > 0
    else { return nil }
    self.init(file: String(text[..<colon]), line: line)
  }

  /// `models/net.py:12`.
  public var description: String { "\(file):\(line)" }
}
