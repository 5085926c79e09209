import Diagnosis
import Npy
import Runs

/// Findings that a project knows: their ids, by the name of what was checked. The Python package and its
/// plugin of pytest read and write the same files.
public struct Baseline: Sendable, Equatable {
  private static let format = "defib-baseline"
  private static let version = 1

  /// By name: ids of findings.
  public private(set) var known: [String: Set<String>] = [:]

  /// One that knows nothing.
  public init() {}

  /// The one that a text holds.
  ///
  /// - Throws: `BaselineError` when it is none.
  public init(json: String) throws(BaselineError) {
    let value: JSONValue
    do throws(RunError) { value = try JSONValue(parsing: json) } catch {
      throw BaselineError(reason: "\(error)")
    }
    guard value["format"] == .string(Self.format), value["version"] == .int(Self.version),
      case .object(let members)? = value["known"]
    else { throw BaselineError(reason: "found no baseline of version \(Self.version)") }
    for (name, ids) in members {
      let texts = ids.elements.compactMap(\.plainText)
      guard case .array(let values) = ids, texts.count == values.count else {
        throw BaselineError(reason: "known.\(name): found \(ids.kind), expected a list of ids")
      }
      known[name] = Set(texts)
    }
  }

  /// As text, in an order that keeps its differences small.
  public var json: String {
    let listed = known.filter { !$0.value.isEmpty }.mapValues { ids in
      JSONValue.array(ids.sorted().map(JSONValue.string))
    }
    let value = JSONValue.object([
      "format": .string(Self.format), "version": .int(Self.version), "known": .object(listed),
    ])
    return value.text(pretty: true) + "\n"
  }

  /// Takes the errors and warnings of a report for known, and forgets what was known of it.
  public mutating func accept(_ report: Report, named name: String) {
    known[name] = Set(report.findings.filter { $0.severity > .note }.map(\.id))
  }

  /// Known findings that a report has no more.
  public func gone(from report: Report, named name: String) -> [String] {
    known[name, default: []].subtracting(report.findings.map(\.id)).sorted()
  }
}

/// Why a text is not taken as a baseline.
public struct BaselineError: Error, Equatable, CustomStringConvertible {
  /// What was found, and what was expected.
  public let reason: String

  /// The message.
  public var description: String { reason }
}
