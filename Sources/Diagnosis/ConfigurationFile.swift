import Npy
import Runs

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
  /// - Throws: `RunError.document` with the line of the file that is wrong.
  static func options(
    for run: Run, under own: Check.Options
  ) throws(RunError) -> Check.Options {
    guard let folder = run.folder, let (path, text) = try read(near: folder) else { return own }
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

  /// More than all rules with all thresholds take.
  private static let byteLimit = 1 << 20

  /// The file in the run's folder, else in its parent; nil when there is none.
  ///
  /// - Throws: `RunError` when there is one that cannot be read, or that leads elsewhere: a run may
  ///   come from somebody else, and nothing outside of it shall be read or shown for it.
  private static func read(
    near folder: String
  ) throws(RunError) -> (path: String, text: String)? {
    for home in [folder, "\(folder)/.."] {
      let path = "\(home)/\(name)"
      guard WholeFile.isInside(path, home) else {
        throw .document(path, reason: "leads out of its folder, expected a file inside of it")
      }
      let bytes: [UInt8]?
      do throws(NpyError) { bytes = try WholeFile.read(path, limit: byteLimit) } catch {
        throw .npy(error)
      }
      guard let bytes else { continue }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .document(path, reason: "found bytes that are no UTF-8, expected a text in UTF-8")
      }
      return (path, text)
    }
    return nil
  }

  private mutating func take(_ line: String, number: Int) throws(RunError) {
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
  private func list(_ value: String, _ number: Int) throws(RunError) -> [String] {
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

  private func wrong(_ line: Int, found: String, expected: String) -> RunError {
    let shown = found.count > 60 ? found.prefix(60) + "…" : found
    return .document(path, reason: "line \(line): found \(shown), expected \(expected)")
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
