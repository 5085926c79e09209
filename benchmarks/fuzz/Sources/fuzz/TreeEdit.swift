import Operators
import Runs

/// One change of one value of a run.
enum TreeEdit {
  /// The value changed.
  ///
  /// - Parameter other: some value of the same run.
  static func changed(
    _ value: JSONValue, other: JSONValue, _ random: inout RunMutator.Random
  ) -> JSONValue {
    if random.below(16) == 0 { return random.below(4) == 0 ? .null : other }
    switch value {
    case .null: return other
    case .bool(let flag): return .bool(!flag)
    case .int(let number): return integer(number, &random)
    case .number(let number): return real(number, &random)
    case .string(let text): return string(text, other, &random)
    case .array(let values): return list(values, other, &random)
    case .object(let members): return object(members, other, &random)
    }
  }

  private static let integers = [
    -1, 0, 1, 2, 3, 4, 7, 16, 255, 4096, 1 << 31, 1 << 53, .max, .min, -2, -(1 << 31),
  ]
  private static let reals = [
    0, -0.0, 1, -1, 0.5, 1e-45, 1e-308, 1e38, -3.5e38, 1e300, 0.999999, 1e-8, 3,
  ]

  private static func integer(_ value: Int, _ random: inout RunMutator.Random) -> JSONValue {
    switch random.below(5) {
    case 0: .int(value &+ 1)
    case 1: .int(value &- 1)
    case 2: .int(value &* 2)
    case 3: .number(random.pick(reals) ?? 0)
    default: .int(random.pick(integers) ?? 0)
    }
  }

  private static func real(_ value: Double, _ random: inout RunMutator.Random) -> JSONValue {
    switch random.below(4) {
    case 0: .number((value * 2).isFinite ? value * 2 : 0)
    case 1: .number(-value)
    case 2: .string(random.pick(["nan", "inf", "-inf"]) ?? "nan")
    default: .number(random.pick(reals) ?? 0)
    }
  }

  private static func string(
    _ text: String, _ other: JSONValue, _ random: inout RunMutator.Random
  ) -> JSONValue {
    if text.hasSuffix(".npy"), random.below(4) > 0 { return .string(path(text, &random)) }
    switch random.below(6) {
    case 0: return other
    case 1: return .string(text + "1")
    case 2: return .string(random.pick(LossRegistry.all)?.info.kind ?? "")
    default:
      let isOperator = OperatorRegistry.all.contains { $0.info.name == text }
      if isOperator { return .string(random.pick(OperatorRegistry.all)?.info.name ?? "") }
      if case .string = other { return other }
      return .string(random.pick(["", "sum", "mean", "none", "x", "y", "eval", "train"]) ?? "")
    }
  }

  /// The path of a `SeedArray`, with another shape, type or content.
  private static func path(_ text: String, _ random: inout RunMutator.Random) -> String {
    var words = text.split(separator: ".").map(String.init)
    guard words.count >= 4 else { return text }
    switch random.below(3) {
    case 0:
      var lengths = words[1] == "s" ? [] : words[1].split(separator: "x").map(String.init)
      switch random.below(4) {
      case 0: lengths.append("\(1 + random.below(4))")
      case 1: lengths = Array(lengths.dropLast())
      case 2: lengths.reverse()
      default:
        if let index = random.pick(lengths.indices) { lengths[index] = "\(random.below(14))" }
      }
      words[1] = lengths.isEmpty ? "s" : lengths.joined(separator: "x")
    case 1:
      words[2] = random.pick(["f4", "f8", "f2", "i8", "i4", "u1", "b1", "f4b", "i2b"]) ?? "f4"
    default:
      let fill = random.pick(["nan", "inf", "big", "tiny", "zero", "one", "c3", "p1", "r"]) ?? "r"
      if words.count > 4 { words[3] = fill } else { words.insert(fill, at: 3) }
    }
    return words.joined(separator: ".")
  }

  private static func list(
    _ values: [JSONValue], _ other: JSONValue, _ random: inout RunMutator.Random
  ) -> JSONValue {
    var values = values
    switch (random.below(6), random.pick(values.indices)) {
    case (0, let index?): values.remove(at: index)
    case (1, let index?): values.insert(values[index], at: index)
    case (2, let index?): values.swapAt(index, values.count - 1)
    case (3, let index?): values[index] = other
    case (4, _): values.append(other)
    case (_, let index?): values.insert(other, at: index)
    default: values.append(.int(random.pick(integers) ?? 0))
    }
    return .array(values)
  }

  private static func object(
    _ members: [String: JSONValue], _ other: JSONValue, _ random: inout RunMutator.Random
  ) -> JSONValue {
    var members = members
    let key = random.pick(members.keys.sorted()) ?? "name"
    switch random.below(4) {
    case 0: members[key] = nil
    case 1: members[key] = other
    case 2:
      if case .object(let others) = other, let key = random.pick(others.keys.sorted()) {
        members[key] = others[key]
      }
    default: attribute(of: &members, other, &random)
    }
    return .object(members)
  }

  /// Gives a node an attribute that its operator knows.
  private static func attribute(
    of members: inout [String: JSONValue], _ other: JSONValue, _ random: inout RunMutator.Random
  ) {
    guard case .string(let name)? = members["op"],
      let type = OperatorRegistry.all.first(where: { $0.info.name == name }),
      let attribute = random.pick(type.info.attributes)
    else { return }
    var attributes: [String: JSONValue] = [:]
    if case .object(let present)? = members["attributes"] { attributes = present }
    let numbers = (0...random.below(4)).map { _ in random.below(5) - 1 }
    switch random.below(4) {
    case 0: attributes[attribute.name] = .int(random.below(6) - 2)
    case 1: attributes[attribute.name] = .ints(numbers)
    case 2: attributes[attribute.name] = .number(random.pick(reals) ?? 0)
    default: attributes[attribute.name] = other
    }
    members["attributes"] = .object(attributes)
  }
}
