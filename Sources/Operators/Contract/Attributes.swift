/// The value of a node's attribute.
public enum AttributeValue: Sendable, Hashable {
  /// A whole number.
  case int(Int)
  /// A number with a fraction.
  case float(Double)
  /// A text.
  case string(String)
  /// A list of whole numbers.
  case ints([Int])
  /// A list of numbers of which at least one has a fraction.
  case floats([Double])
  /// A list of texts.
  case strings([String])
}

extension AttributeValue: CustomStringConvertible {
  /// As it would stand in run.json.
  public var description: String {
    switch self {
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): "\"\(value)\""
    case .ints(let values): "\(values)"
    case .floats(let values): "\(values)"
    case .strings(let values): "\(values)"
    }
  }
}

/// The attributes of one node, read with the type that an operator expects.
public struct Attributes: Sendable {
  /// All of them, by name.
  public let values: [String: AttributeValue]

  /// The attributes of a node.
  public init(_ values: [String: AttributeValue] = [:]) { self.values = values }

  /// Whether the node gives that attribute.
  public func has(_ name: String) -> Bool { values[name] != nil }

  /// A whole number.
  ///
  /// - Throws: `OperatorError.attribute` when it is something else.
  public func int(_ name: String, default standard: Int) throws(OperatorError) -> Int {
    switch values[name] {
    case nil: return standard
    case .int(let value): return value
    case .float(let value) where Int(exactly: value) != nil: return Int(value)
    case let other?: throw .attribute(name, found: "\(other)", expected: "a whole number")
    }
  }

  /// 0 or 1 as a truth value.
  ///
  /// - Throws: `OperatorError.attribute` when it is something else.
  public func flag(_ name: String, default standard: Bool) throws(OperatorError) -> Bool {
    switch try int(name, default: standard ? 1 : 0) {
    case 0: return false
    case 1: return true
    case let other: throw .attribute(name, found: "\(other)", expected: "0 or 1")
    }
  }

  /// A number.
  ///
  /// - Throws: `OperatorError.attribute` when it is something else.
  public func float(_ name: String, default standard: Double) throws(OperatorError) -> Double {
    switch values[name] {
    case nil: return standard
    case .int(let value): return Double(value)
    case .float(let value): return value
    case let other?: throw .attribute(name, found: "\(other)", expected: "a number")
    }
  }

  /// A list of whole numbers; nil when the node does not give it.
  ///
  /// - Throws: `OperatorError.attribute` when it is something else.
  public func ints(_ name: String) throws(OperatorError) -> [Int]? {
    switch values[name] {
    case nil: return nil
    case .ints(let values): return values
    case .int(let value): return [value]
    case let other?: throw .attribute(name, found: "\(other)", expected: "a list of whole numbers")
    }
  }

  /// A list of numbers; nil when the node does not give it.
  ///
  /// - Throws: `OperatorError.attribute` when it is something else.
  public func floats(_ name: String) throws(OperatorError) -> [Double]? {
    switch values[name] {
    case nil: return nil
    case .floats(let values): return values
    case .ints(let values): return values.map(Double.init)
    case .float(let value): return [value]
    case .int(let value): return [Double(value)]
    case let other?: throw .attribute(name, found: "\(other)", expected: "a list of numbers")
    }
  }

  /// One of some texts.
  ///
  /// - Throws: `OperatorError.attribute` when it is none of them.
  public func choice(
    _ name: String, of choices: [String], default standard: String
  ) throws(OperatorError) -> String {
    switch values[name] {
    case nil: return standard
    case .string(let value) where choices.contains(value): return value
    case let other?:
      throw .attribute(
        name, found: "\(other)",
        expected: choices.map { "\"\($0)\"" }.joined(separator: " or "))
    }
  }
}
