import Diagnosis
import Runs

// What cures the run.
extension JSONReport {
  static func cure(_ cure: CureStatement) -> JSONValue {
    .object([
      "outcome": .string(cure.outcome.rawValue), "text": .string(cure.text),
      "score": .string(cure.score), "rows": .int(cure.judged.rows),
      "held_out": .bool(cure.judged.isHeldOut), "updates": .int(cure.updates),
      "before": cure.before.map { .number($0) } ?? .null, "as_set": .numbers(cure.asSet),
      "after": .numbers(cure.after),
      "changes": .array(
        cure.changes.map {
          .object([
            "text": .string($0.text), "code": .string($0.code),
            "rule": $0.rule.map { .string($0) } ?? .null, "without": .numbers($0.without),
          ])
        }),
      "courses": .array(
        cure.courses.map {
          .object([
            "name": .string($0.name), "updates": .array($0.updates.map { .int($0) }),
            "scores": .numbers($0.scores),
          ])
        }),
      "tried": .array(
        cure.tried.map {
          .object(["text": .string($0.text), "scores": .numbers($0.scores)])
        }),
      "not_tried": .array(
        cure.notTried.map {
          .object(["what": .string($0.what), "reason": .string($0.reason)])
        }),
      "loss": cure.loss.map { .number($0) } ?? .null, "additions": .strings(cure.additions),
    ])
  }
}

// The same, from a report that was kept.
extension JSONReport {
  static func cure(_ value: JSONValue) throws(ReportError) -> CureStatement {
    let members = try JSONMembers(value, at: "text.cure")
    var changes: [CureStatement.Change] = []
    for (path, value) in try members.list("changes") {
      let entry = try JSONMembers(value, at: path)
      changes.append(
        .init(
          text: try entry.string("text"), code: try entry.string("code"),
          rule: try entry.optionalString("rule"), without: try entry.numbers("without")))
    }
    var courses: [CureStatement.Course] = []
    // Older reports have none.
    for (path, value) in members["courses"] == nil ? [] : try members.list("courses") {
      let entry = try JSONMembers(value, at: path)
      let updates = try entry.numbers("updates").map { Int($0.rounded()) }
      courses.append(
        .init(
          name: try entry.string("name"), updates: updates, scores: try entry.numbers("scores")))
    }
    var tried: [CureStatement.Attempt] = []
    for (path, value) in try members.list("tried") {
      let entry = try JSONMembers(value, at: path)
      tried.append(.init(text: try entry.string("text"), scores: try entry.numbers("scores")))
    }
    var notTried: [CureStatement.Untried] = []
    for (path, value) in try members.list("not_tried") {
      let entry = try JSONMembers(value, at: path)
      notTried.append(.init(what: try entry.string("what"), reason: try entry.string("reason")))
    }
    return CureStatement(
      outcome: try members.choice("outcome"), text: try members.string("text"),
      score: try members.string("score"),
      judged: (try members.count("rows"), members["held_out"] == .bool(true)),
      updates: try members.count("updates"), before: try members.number("before"),
      asSet: try members.numbers("as_set"), after: try members.numbers("after"), changes: changes,
      courses: courses, tried: tried, notTried: notTried, loss: try members.number("loss"),
      additions: try members.strings("additions"))
  }
}

extension JSONMembers {
  /// A list of numbers.
  func numbers(_ key: String) throws(ReportError) -> [Double] {
    var numbers: [Double] = []
    for (path, value) in try list(key) {
      switch Self.numbers(in: value) {
      case .int(let number): numbers.append(Double(number))
      case .number(let number): numbers.append(number)
      default: throw .member(path, found: value.kind, expected: "a number")
      }
    }
    return numbers
  }
}
