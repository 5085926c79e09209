import Npy

/// What ArgumentParser says of wrong usage, in the style of all other errors.
struct UsageMessage {
  let text: String

  /// - Parameters:
  ///   - message: such as `Error: The value 'xml' is invalid for '--format <format>'. Please provide one
  ///     of 'text' and 'json'.`, and lines on the usage.
  ///   - program: its name.
  ///   - arguments: what the command was given.
  init(_ message: String, program: String, arguments: [String]) {
    var lines = message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let title = "Error: "
    if let first = lines.first, first.hasPrefix(title) {
      let meant = Self.suggestion(for: first, lines.dropFirst(), arguments)
      lines[0] = "\(program): error: " + Printable.text(String(first.dropFirst(title.count)))
      // Behind the list of values, where there is one.
      let end = lines.firstIndex { !$0.isEmpty && $0 != lines[0] && !$0.hasPrefix(Self.bullet) }
      if !meant.isEmpty {
        if lines.count > 1, lines[1].hasPrefix(Self.bullet) {
          lines.insert(String(meant.dropFirst()), at: end ?? lines.count)
        } else {
          lines[0] += meant
        }
      }
    }
    text = lines.flatMap(Self.wrapped).joined(separator: "\n") + "\n"
  }

  /// What stands before each of many values.
  private static let bullet = "  - "

  private static func suggestion(
    for message: String, _ rest: ArraySlice<String>, _ arguments: [String]
  ) -> String {
    if message.contains("Did you mean") { return "" }
    if let option = quoted(message).first?.prefix(while: { $0 != " " }), option.hasPrefix("--"),
      message.hasPrefix("Error: Missing expected argument")
    {
      // Perhaps it is there, but mistyped.
      let words = arguments.filter { $0.hasPrefix("--") && $0 != option }
        .map { String($0.prefix { $0 != "=" }) }
      return words.lazy.map { Suggestion.sentence($0, among: [String(option)]) }
        .first { !$0.isEmpty } ?? ""
    }
    guard let list = message.firstRange(of: "Please provide one of"),
      let found = quoted(String(message[..<list.lowerBound])).first
    else { return "" }
    let values =
      quoted(String(message[list.upperBound...]))
      + rest.filter { $0.hasPrefix(bullet) }.map { String($0.dropFirst(bullet.count)) }
    return Suggestion.sentence(found, among: values)
  }

  /// What stands between single quotes.
  private static func quoted(_ text: String) -> [String] {
    text.split(separator: "'", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  /// A line of help in lines of at most 80 characters.
  private static func wrapped(_ line: String) -> [String] {
    let title = "Help:  "
    guard line.count > 80, line.hasPrefix(title) else { return [line] }
    var lines: [String] = []
    var current = title
    for word in line.dropFirst(title.count).split(separator: " ", omittingEmptySubsequences: false)
    {
      if current.count + word.count > 80, current.contains(where: { $0 != " " }) {
        while current.last == " " { current.removeLast() }
        lines.append(current)
        current = String(repeating: " ", count: title.count)
      }
      current += word + " "
    }
    while current.last == " " { current.removeLast() }
    return lines + [current]
  }
}
