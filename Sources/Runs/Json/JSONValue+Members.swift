extension JSONValue {
  /// A member of an object; nil where there is none, and nothing is set in what is no object.
  package subscript(_ key: String) -> JSONValue? {
    get { if case .object(let members) = self { members[key] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The elements of a list; none of what is no list.
  package var elements: [JSONValue] {
    get { if case .array(let values) = self { values } else { [] } }
    set { self = .array(newValue) }
  }

  /// The text that it is; nil for anything else.
  package var plainText: String? { if case .string(let text) = self { text } else { nil } }

  /// The same number times a factor; anything else as it is.
  package func scaled(_ factor: Double) -> JSONValue {
    switch self {
    case .int(let number): .number(Double(number) * factor)
    case .number(let number): .number(number * factor)
    default: self
    }
  }
}
