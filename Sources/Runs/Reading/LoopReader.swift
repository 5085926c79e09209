/// Reads what the loop does with rates and gradients: schedule and clip.
enum LoopReader {
  static func schedule(_ value: JSONValue?, at place: String) throws(RunError) -> Schedule? {
    guard let value else { return nil }
    let fields = try Fields(value, at: place, known: ["updates", "rates", "interpolation"])
    let updates = try updates(fields)
    let rates = try rates(fields)
    guard rates.count == updates.count else {
      throw .run(
        fields.path(of: "rates"), found: "a list of \(rates.count)",
        expected: "one rate for each of the \(updates.count) updates")
    }
    let isLinear = try fields.choice("interpolation", of: ["constant", "linear"]) == "linear"
    return Schedule(updates: updates, rates: rates, isLinear: isLinear)
  }

  private static func updates(_ fields: Fields) throws(RunError) -> [Int] {
    let values = try fields.list("updates")
    guard (1...Schedule.knotLimit).contains(values.count) else {
      throw .run(
        fields.path(of: "updates"), found: "a list of \(values.count)",
        expected: "1 to \(Schedule.knotLimit) updates")
    }
    var result: [Int] = []
    for (index, value) in values.enumerated() {
      let place = "\(fields.path(of: "updates"))[\(index)]"
      guard case .int(let update) = value, update >= 0 else {
        throw .run(place, found: value.kind, expected: "a whole number ≥ 0")
      }
      guard let last = result.last else {
        guard update == 0 else { throw .run(place, found: "\(update)", expected: "0") }
        result.append(update)
        continue
      }
      guard update > last else {
        throw .run(place, found: "\(update)", expected: "more than the \(last) before it")
      }
      result.append(update)
    }
    return result
  }

  private static func rates(_ fields: Fields) throws(RunError) -> [Double] {
    var result: [Double] = []
    for (index, value) in try fields.list("rates").enumerated() {
      let rate = value.finite
      guard let rate, rate >= 0 else {
        throw .run(
          "\(fields.path(of: "rates"))[\(index)]", found: value.kind,
          expected: "a finite number ≥ 0")
      }
      result.append(rate)
    }
    return result
  }

  static func clip(_ value: JSONValue?, at place: String) throws(RunError) -> GradientClip? {
    guard let value else { return nil }
    let fields = try Fields(value, at: place, known: GradientClip.keys)
    let given = GradientClip.keys.filter { fields[$0] != nil }
    guard given.count == 1, let key = given.first, let bound = fields[key] else {
      throw .run(
        place, found: given.isEmpty ? "empty" : given.joined(separator: " and "),
        expected: "one of \(GradientClip.keys.joined(separator: ", "))")
    }
    guard let number = bound.finite, number >= 0 else {
      throw .run(fields.path(of: key), found: bound.kind, expected: "a finite number ≥ 0")
    }
    return GradientClip(key, number)
  }
}

extension JSONValue {
  /// A finite number; nil for anything else.
  fileprivate var finite: Double? {
    switch self {
    case .int(let value): Double(value)
    case .number(let value): value.isFinite ? value : nil
    default: nil
    }
  }
}
