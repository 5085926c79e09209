import FoundationEssentials
import Replay

/// The settings of a check in a file `defib.toml`, in the run's folder or else in the one that holds
/// it. It is a small part of TOML: comments, `select` and `ignore` with lists of rules, and a table a
/// rule with its thresholds.
///
///     ignore = ["oscillating-loss"]
///
///     [dead-units]
///     warn-share = 0.2
struct ConfigurationFile {
  static let name = "defib.toml"

  private let path: String
  private var options = Check.Options()
  private var table = ""

  /// The options of a check of a run: those of the file, and over them those of the caller.
  ///
  /// - Throws: `ReplayError.document` with the line of the file that is wrong.
  static func options(
    for run: Run, under own: Check.Options
  ) throws(ReplayError) -> Check.Options {
    guard let folder = run.folder, let (path, text) = read(near: folder) else { return own }
    var file = ConfigurationFile(path: path)
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      try file.take(String(line), number: index + 1)
    }
    do throws(OptionError) { _ = try Check(file.options) } catch {
      throw .document(path, reason: error.description)
    }
    var result = own
    if own.select.isEmpty { result.select = file.options.select }
    result.ignore += file.options.ignore
    result.set.merge(file.options.set) { mine, _ in mine }
    return result
  }

  private init(path: String) { self.path = path }

  /// The file in the run's folder, else in its parent; nil when there is none.
  private static func read(near folder: String) -> (path: String, text: String)? {
    for path in ["\(folder)/\(name)", "\(folder)/../\(name)"] {
      if let data = try? Data(contentsOf: URL(filePath: path)) {
        return (path, String(decoding: data, as: UTF8.self))
      }
    }
    return nil
  }

  private mutating func take(_ line: String, number: Int) throws(ReplayError) {
    let text = Self.trim(Self.withoutComment(line))
    if text.isEmpty { return }
    if text.hasPrefix("["), text.hasSuffix("]"), !text.contains("=") {
      table = Self.unquoted(Self.trim(String(text.dropFirst().dropLast())))
      return
    }
    guard let sign = text.firstIndex(of: "=") else {
      throw wrong(number, found: text, expected: "key = value, or [rule]")
    }
    let key = Self.unquoted(Self.trim(String(text[..<sign])))
    let value = Self.trim(String(text[text.index(after: sign)...]))
    if !table.isEmpty {
      guard let figure = Double(value.filter { $0 != "_" }), figure.isFinite else {
        throw wrong(number, found: value, expected: "a number")
      }
      options.set["\(table).\(key)"] = figure
      return
    }
    guard key == "select" || key == "ignore" else {
      throw wrong(number, found: key, expected: "select, ignore or [rule]")
    }
    let rules = try list(value, number)
    if key == "select" { options.select = rules } else { options.ignore = rules }
  }

  /// `["a", "b"]`, on one line.
  private func list(_ value: String, _ number: Int) throws(ReplayError) -> [String] {
    guard value.hasPrefix("["), value.hasSuffix("]") else {
      throw wrong(number, found: value, expected: "a list of rules on one line, such as [\"a\"]")
    }
    var rules: [String] = []
    for part in value.dropFirst().dropLast().split(separator: ",") {
      let text = Self.trim(String(part))
      if text.isEmpty { continue }
      let rule = Self.unquoted(text)
      guard rule.utf8.count == text.utf8.count - 2 else {
        throw wrong(number, found: text, expected: "a rule in quotes")
      }
      rules.append(rule)
    }
    return rules
  }

  private func wrong(_ line: Int, found: String, expected: String) -> ReplayError {
    .document(path, reason: "line \(line): found \(found), expected \(expected)")
  }

  /// What stands before a # that is in no quotes.
  private static func withoutComment(_ line: String) -> String {
    var quoted = false
    for index in line.indices {
      if line[index] == "\"" { quoted.toggle() }
      if line[index] == "#", !quoted { return String(line[..<index]) }
    }
    return line
  }

  private static func unquoted(_ text: String) -> String {
    guard text.utf8.count >= 2, let mark = text.first, mark == "\"" || mark == "'",
      text.last == mark
    else { return text }
    return String(text.dropFirst().dropLast())
  }

  private static func trim(_ text: String) -> String {
    String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
