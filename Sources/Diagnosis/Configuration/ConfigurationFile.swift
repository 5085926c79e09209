import Npy
import Runs

/// The settings of a check in a file: `defib.toml`, or the table `[tool.defib]` of a `pyproject.toml`.
/// `select` and `ignore` are lists of rules, and a table a rule holds its thresholds.
///
///     ignore = ["oscillating-loss"]
///
///     [dead-units]
///     warn-share = 0.2
struct ConfigurationFile {
  /// Where it is.
  let path: String
  private(set) var options = Check.Options()

  /// Reads the settings of a text.
  ///
  /// - Parameter table: the tables, one in the other, that hold them.
  /// - Returns: nil where there is no such table.
  /// - Throws: `RunError.document` with the line, or the key, that is wrong.
  init?(_ text: String, at path: String, table names: [String]) throws(RunError) {
    self.path = path
    guard let value = try Self.parsed(text, path, names) else { return nil }
    guard case .object(let members) = value else {
      throw wrong(names.joined(separator: "."), found: value, expected: "a table")
    }
    for (key, value) in members.sorted(by: { $0.key < $1.key }) {
      switch (key, value) {
      case ("select", _): options.select = try rules(value, key)
      case ("ignore", _): options.ignore = try rules(value, key)
      case (_, .object(let thresholds)):
        for (name, value) in thresholds.sorted(by: { $0.key < $1.key }) {
          options.set["\(key).\(name)"] = try number(value, "\(key).\(name)")
        }
      default: throw wrong(key, found: value, expected: "select, ignore or a table [rule]")
      }
    }
    do throws(OptionError) { _ = try Check(options) } catch {
      throw .document(path, reason: error.description)
    }
  }

  private static func parsed(
    _ text: String, _ path: String, _ names: [String]
  ) throws(RunError) -> JSONValue? {
    do throws(TOMLReader.Failure) { return try TOMLReader.table(names, of: text) } catch {
      throw .document(path, reason: "line \(error.line): \(Printable.text(error.reason))")
    }
  }

  private func rules(_ value: JSONValue, _ key: String) throws(RunError) -> [String] {
    let found = value.elements.compactMap(\.plainText)
    guard case .array(let values) = value, found.count == values.count else {
      throw wrong(key, found: value, expected: "a list of rules, such as [\"dead-units\"]")
    }
    return found
  }

  private func number(_ value: JSONValue, _ key: String) throws(RunError) -> Double {
    switch value {
    case .int(let number): return Double(number)
    case .number(let number) where number.isFinite: return number
    default: throw wrong(key, found: value, expected: "a number")
    }
  }

  private func wrong(_ key: String, found: JSONValue, expected: String) -> RunError {
    .document(path, reason: "\(key): found \(found.kind), expected \(expected)")
  }
}
