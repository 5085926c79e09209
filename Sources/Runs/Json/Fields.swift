/// The members of one JSON object, read by name with the type that is expected; every message says
/// where in run.json it happened, and a member that nobody knows is an error.
struct Fields {
  /// Where the object stands, such as `losses[0]`; empty for the whole file.
  let path: String
  private let members: [String: JSONValue]

  init(_ value: JSONValue, at path: String, known: [String]) throws(RunError) {
    guard case .object(let members) = value else {
      throw .run(path.isEmpty ? "the file" : path, found: value.kind, expected: "an object")
    }
    self.path = path
    self.members = members
    for key in members.keys.sorted() where !known.contains(key) {
      throw .unknownKey(Self.join(path, key), known: known)
    }
  }

  private static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }

  /// The path of a member.
  func path(of key: String) -> String { Self.join(path, key) }

  /// The value of a member; nil when it is missing or null.
  subscript(_ key: String) -> JSONValue? {
    members[key].flatMap { $0 == .null ? nil : $0 }
  }

  /// Names of all members, sorted.
  var keys: [String] { members.keys.sorted() }

  private func required<T>(_ key: String, _ value: T?, _ expected: String) throws(RunError) -> T {
    guard let value else { throw .run(path(of: key), found: "nothing", expected: expected) }
    return value
  }

  func string(_ key: String) throws(RunError) -> String {
    try required(key, try optionalString(key), "a text")
  }

  func optionalString(_ key: String) throws(RunError) -> String? {
    switch self[key] {
    case nil: return nil
    case .string(let value): return value
    case let other?: throw .run(path(of: key), found: other.kind, expected: "a text")
    }
  }

  func bool(_ key: String) throws(RunError) -> Bool? {
    switch self[key] {
    case nil: return nil
    case .bool(let value): return value
    case let other?: throw .run(path(of: key), found: other.kind, expected: "true or false")
    }
  }

  func number(_ key: String) throws(RunError) -> Double? {
    switch self[key] {
    case nil: return nil
    case .int(let value): return Double(value)
    case .number(let value): return value
    case let other?: throw .run(path(of: key), found: other.kind, expected: "a number")
    }
  }

  /// A whole number ≥ `minimum`.
  func count(_ key: String, minimum: Int = 0) throws(RunError) -> Int? {
    switch self[key] {
    case nil: return nil
    case .int(let value) where value >= minimum: return value
    case let other?:
      throw .run(path(of: key), found: other.kind, expected: "a whole number ≥ \(minimum)")
    }
  }

  /// One of some texts.
  func choice(_ key: String, of choices: [String]) throws(RunError) -> String? {
    guard let value = try optionalString(key) else { return nil }
    guard choices.contains(value) else {
      throw .run(
        path(of: key), found: "\"\(value)\"",
        expected: choices.map { "\"\($0)\"" }.joined(separator: " or "))
    }
    return value
  }

  func list(_ key: String) throws(RunError) -> [JSONValue] {
    switch self[key] {
    case nil: return []
    case .array(let values): return values
    case let other?: throw .run(path(of: key), found: other.kind, expected: "a list")
    }
  }

  func strings(_ key: String) throws(RunError) -> [String] {
    var result: [String] = []
    for (index, value) in try list(key).enumerated() {
      guard case .string(let text) = value else {
        throw .run("\(path(of: key))[\(index)]", found: value.kind, expected: "a text")
      }
      result.append(text)
    }
    return result
  }

  /// Members whose names the user chose, each a text.
  func stringMap(_ key: String) throws(RunError) -> [String: String] {
    guard let value = self[key] else { return [:] }
    guard case .object(let members) = value else {
      throw .run(path(of: key), found: value.kind, expected: "an object of texts")
    }
    var result: [String: String] = [:]
    for (name, value) in members {
      guard case .string(let text) = value else {
        throw .run("\(path(of: key)).\(name)", found: value.kind, expected: "a text")
      }
      result[name] = text
    }
    return result
  }
}
