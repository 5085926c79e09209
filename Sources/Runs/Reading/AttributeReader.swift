import Operators

/// Reads the attributes of a node or the settings of a loss.
enum AttributeReader {
  static func read(
    _ value: JSONValue?, at place: String
  ) throws(RunError) -> [String: AttributeValue] {
    guard let value else { return [:] }
    guard case .object(let members) = value else {
      throw .run(place, found: value.kind, expected: "an object")
    }
    var result: [String: AttributeValue] = [:]
    for name in members.keys.sorted() {
      result[name] = try attribute(members[name] ?? .null, at: "\(place).\(name)")
    }
    return result
  }

  static func attribute(
    _ value: JSONValue, at place: String
  ) throws(RunError) -> AttributeValue {
    switch value {
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .int(let value): return .int(value)
    case .number(let value): return .float(value)
    case .string(let value): return .string(value)
    case .array(let values):
      let ints = values.compactMap { if case .int(let value) = $0 { value } else { nil } }
      if ints.count == values.count { return .ints(ints) }
      let strings = values.compactMap { if case .string(let value) = $0 { value } else { nil } }
      if strings.count == values.count { return .strings(strings) }
      let numbers = values.compactMap { value -> Double? in
        switch value {
        case .int(let value): Double(value)
        case .number(let value): value
        default: nil
        }
      }
      if numbers.count == values.count { return .floats(numbers) }
    case .null, .object: break
    }
    throw .run(place, found: value.kind, expected: "a number, a text, or a list of either")
  }
}
