import Diagnosis

/// Words that the formats for people share.
enum Outline {
  /// How many places of one fault are named.
  private static let nameLimit = 8

  /// What was replayed, in a sentence.
  static func examined(_ summary: Report.Summary) -> String {
    var parts = [
      Wording.count(summary.samples, "sample"), Wording.count(summary.nodes, "node"),
      "\(Wording.count(summary.parameters, "trainable parameter"))",
    ]
    if summary.batchSize < summary.samples { parts.append("batches of \(summary.batchSize)") }
    switch (summary.initialLoss, summary.loss) {
    case (let before?, let after?):
      parts.append("loss \(Wording.number(before)) → \(Wording.number(after))")
    case (nil, let after?): parts.append("loss \(Wording.number(after))")
    case (_, nil): parts.append("no loss")
    }
    if !summary.framework.isEmpty { parts.append(summary.framework) }
    return "Replayed: " + parts.joined(separator: ", ") + "."
  }

  /// The same as names and values.
  static func facts(_ summary: Report.Summary) -> [(name: String, value: String)] {
    var facts = [
      ("samples", "\(summary.samples)"), ("nodes", "\(summary.nodes)"),
      ("trainable parameters", "\(summary.parameters)"),
    ]
    if summary.batchSize < summary.samples { facts.append(("batch", "\(summary.batchSize)")) }
    switch (summary.initialLoss, summary.loss) {
    case (let before?, let after?):
      facts.append(("loss", "\(Wording.number(before)) → \(Wording.number(after))"))
    case (nil, let after?): facts.append(("loss", Wording.number(after)))
    case (_, nil): break
    }
    if !summary.framework.isEmpty { facts.append(("framework", summary.framework)) }
    return facts
  }

  /// Whether the settings explain the end of the training; nil where that is no help: where nothing was
  /// played, or nothing is wrong.
  static func loop(_ report: Report) -> String? {
    report.causes.isEmpty ? nil : report.loop?.text
  }

  /// What stands over the findings that no cause explains.
  static func restTitle(_ report: Report) -> String {
    report.causes.isEmpty ? "Notes" : "Beside these"
  }

  /// Rules that could not be checked, those with one reason together.
  static func unchecked(_ report: Report) -> [(reason: String, rules: [String])] {
    var reasons: [(reason: String, rules: [String])] = []
    var numbers: [String: Int] = [:]
    for entry in report.notChecked {
      if let number = numbers[entry.reason] {
        reasons[number].rules.append(entry.rule)
      } else {
        numbers[entry.reason] = reasons.count
        reasons.append((entry.reason, [entry.rule]))
      }
    }
    return reasons
  }

  /// Where a finding is: its place, or `3 layers (a, b, c)`.
  static func place(_ finding: Finding) -> String {
    let name = finding.others.isEmpty ? place(finding.place) : places(finding.places)
    return name + (finding.source.map { " (\($0))" } ?? "")
  }

  /// `layer hidden, units 0–3`.
  static func place(_ place: Place, unitLimit: Int = 6) -> String {
    if place.kind == .run { return "the run" }
    guard !place.units.isEmpty else { return "\(place.kind.rawValue) \(place.name)" }
    let noun = place.kind == .input || place.kind == .target ? "column" : "unit"
    let nouns = place.units.count == 1 ? noun : noun + "s"
    let units =
      place.columns.isEmpty
      ? Wording.indices(place.units, limit: unitLimit)
      : Wording.names(place.columns, limit: unitLimit)
    return "\(place.kind.rawValue) \(place.name), \(nouns) \(units)"
  }

  /// `3 layers (a, b, c)`.
  static func places(_ places: [Place]) -> String {
    let more = places.count > nameLimit ? ", …" : ""
    let names = places.prefix(nameLimit).map(\.name).joined(separator: ", ") + more
    return "\(places.count) \(places.first?.kind.rawValue ?? "place")s (\(names))"
  }
}
