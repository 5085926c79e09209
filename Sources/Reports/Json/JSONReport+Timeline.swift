import Diagnosis
import Runs

// The network along the training, and when findings began.
extension JSONReport {
  static func timeline(_ timeline: Timeline) -> JSONValue {
    .object([
      "samples": .int(timeline.samples),
      "moments": .array(
        timeline.moments.map { moment in
          let figures = moment.figures
          return .object([
            "when": .string(moment.when.rawValue), "step": int(moment.step),
            "epoch": int(moment.epoch), "loss": number(figures.loss),
            "dead_units": .int(figures.deadUnits), "rectified_units": .int(figures.rectifiedUnits),
            "gradient_norm": number(figures.gradientNorm),
            "output_spread": number(figures.outputSpread), "finite": .bool(figures.isFinite),
          ])
        }),
    ])
  }

  static func since(_ since: Since) -> JSONValue {
    .object([
      "step": int(since.step), "epoch": int(since.epoch), "after": int(since.after),
      "course": .array(
        since.course.map { point in
          .object([
            "step": int(point.step), "epoch": int(point.epoch),
            "value": .number(point.amount.value), "of": number(point.amount.total),
            "name": .string(point.amount.name),
          ])
        }), "text": .string(since.text),
    ])
  }

  private static func int(_ value: Int?) -> JSONValue { value.map { .int($0) } ?? .null }

  private static func number(_ value: Double?) -> JSONValue {
    value.map { .number($0) } ?? .null
  }
}

// The same, from a report that was kept.
extension JSONReport {
  static func timeline(_ value: JSONValue) throws(ReportError) -> Timeline {
    let members = try JSONMembers(value, at: "text.timeline")
    let list = try members.list("moments")
    guard list.count <= momentLimit else {
      throw members.wrong("moments", expected: "at most \(momentLimit)")
    }
    var moments: [Timeline.Moment] = []
    for (path, value) in list {
      let entry = try JSONMembers(value, at: path)
      moments.append(
        Timeline.Moment(
          when: try entry.choice("when"), step: try entry.optionalCount("step"),
          epoch: try entry.optionalCount("epoch"),
          figures: Timeline.Figures(
            loss: try entry.number("loss"), deadUnits: try entry.count("dead_units"),
            rectifiedUnits: try entry.count("rectified_units"),
            gradientNorm: try entry.number("gradient_norm"),
            outputSpread: try entry.number("output_spread"),
            isFinite: entry["finite"] != .bool(false))))
    }
    return Timeline(samples: try members.count("samples"), moments: moments)
  }

  static func since(_ value: JSONValue, at path: String) throws(ReportError) -> Since {
    let members = try JSONMembers(value, at: path)
    let list = try members.list("course")
    guard list.count <= momentLimit else {
      throw members.wrong("course", expected: "at most \(momentLimit)")
    }
    var course: [Since.Point] = []
    for (path, value) in list {
      let entry = try JSONMembers(value, at: path)
      guard let amount = try entry.number("value") else {
        throw entry.wrong("value", expected: "a number")
      }
      course.append(
        Since.Point(
          step: try entry.optionalCount("step"), epoch: try entry.optionalCount("epoch"),
          amount: Amount(amount, of: try entry.number("of"), try entry.string("name"))))
    }
    return Since(
      step: try members.optionalCount("step"), epoch: try members.optionalCount("epoch"),
      after: try members.optionalCount("after"), course: course)
  }

  /// More than a run has snapshots.
  private static let momentLimit = Run.snapshotLimit + 2
}
