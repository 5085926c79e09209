import Runs

/// The members of one JSON object of a report, read by name with the type that is expected. What a
/// later release added is left alone.
struct JSONMembers {
  private let path: String
  private let members: [String: JSONValue]

  init(_ value: JSONValue, at path: String) throws(ReportError) {
    guard case .object(let members) = value else {
      throw .member(path, found: value.kind, expected: "an object")
    }
    (self.path, self.members) = (path, members)
  }

  /// The error about a member that is not what it should be.
  func wrong(_ key: String, expected: String) -> ReportError {
    .member("\(path).\(key)", found: members[key]?.kind ?? "nothing", expected: expected)
  }

  /// The value of a member; nil when it is missing or null.
  subscript(_ key: String) -> JSONValue? { members[key].flatMap { $0 == .null ? nil : $0 } }

  func string(_ key: String) throws(ReportError) -> String {
    guard let value = try optionalString(key) else { throw wrong(key, expected: "a text") }
    return value
  }

  func optionalString(_ key: String) throws(ReportError) -> String? {
    switch self[key] {
    case nil: return nil
    case .string(let text): return text
    default: throw wrong(key, expected: "a text")
    }
  }

  /// One of the raw values of a type.
  func choice<Choice>(_ key: String, of type: Choice.Type = Choice.self) throws(ReportError)
    -> Choice
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let choice = Choice(rawValue: try string(key)) else {
      let names = Choice.allCases.map { "\"\($0.rawValue)\"" }
      throw wrong(key, expected: names.joined(separator: " or "))
    }
    return choice
  }

  /// A number, or a text that stands for one that JSON lacks.
  func number(_ key: String) throws(ReportError) -> Double? {
    switch self[key] {
    case nil: return nil
    case .int(let number): return Double(number)
    case let value?:
      if case .number(let number) = Self.numbers(in: value) { return number }
      throw wrong(key, expected: "a number")
    }
  }

  /// A value in which the texts that stand for numbers that JSON lacks are such numbers.
  static func numbers(in value: JSONValue) -> JSONValue {
    switch value {
    case .string("nan"): .number(.nan)
    case .string("inf"): .number(.infinity)
    case .string("-inf"): .number(-.infinity)
    case .array(let values): .array(values.map(numbers))
    case .object(let members): .object(members.mapValues(numbers))
    default: value
    }
  }

  /// Whether a value has a text in it that `numbers` would take for a number.
  static func readsAsNumber(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text): ["nan", "inf", "-inf"].contains(text)
    case .array(let values): values.contains(where: readsAsNumber)
    case .object(let members): members.values.contains(where: readsAsNumber)
    default: false
    }
  }

  /// A number of things; 0 where it is missing.
  func count(_ key: String) throws(ReportError) -> Int { try optionalCount(key) ?? 0 }

  /// A number of things; nil where it is missing.
  func optionalCount(_ key: String) throws(ReportError) -> Int? {
    switch self[key] {
    case nil: return nil
    case .int(let number) where number >= 0: return number
    default: throw wrong(key, expected: "a whole number ≥ 0")
    }
  }

  /// Elements of a list, each with its path; none where it is missing.
  func list(_ key: String) throws(ReportError) -> [(path: String, value: JSONValue)] {
    switch self[key] {
    case nil: return []
    case .array(let values):
      return values.enumerated().map { ("\(path).\(key)[\($0)]", $1) }
    default: throw wrong(key, expected: "a list")
    }
  }

  func strings(_ key: String) throws(ReportError) -> [String] {
    var texts: [String] = []
    for (path, value) in try list(key) {
      guard case .string(let text) = value else {
        throw .member(path, found: value.kind, expected: "a text")
      }
      texts.append(text)
    }
    return texts
  }

  /// Indices of units or columns.
  func indices(_ key: String) throws(ReportError) -> [Int] {
    var indices: [Int] = []
    for (path, value) in try list(key) {
      guard case .int(let index) = value, index >= 0 else {
        throw .member(path, found: value.kind, expected: "an index")
      }
      indices.append(index)
    }
    return indices
  }
}
