import Diagnosis
import Runs

extension Report {
  /// The report that a text is: one that was rendered as JSON before, by this release or another. So
  /// a report that was kept, or came from elsewhere, can be shown in any format.
  ///
  /// - Throws: `ReportError` when it is none, or is damaged.
  public init(json text: String) throws(ReportError) {
    let value: JSONValue
    do throws(RunError) { value = try JSONValue(parsing: text) } catch {
      if case .document(_, let reason) = error { throw .document(reason: reason) }
      throw .document(reason: error.description)
    }
    self = try JSONReport.read(value)
  }
}

extension JSONReport {
  /// More than any run has: a report may come from anywhere, and is shown at once.
  private static let findingLimit = 10_000
  private static let linkLimit = 100_000

  static func read(_ value: JSONValue) throws(ReportError) -> Report {
    let members = try JSONMembers(value, at: "text")
    guard members["format"] == .string("defib-report") else {
      throw members.wrong("format", expected: "\"defib-report\"")
    }
    guard members["version"] == .int(1) else { throw members.wrong("version", expected: "1") }
    var layers: [Place: String] = [:]
    var findings: [Finding] = []
    let list = try members.list("findings")
    guard list.count <= findingLimit else {
      throw members.wrong("findings", expected: "at most \(findingLimit)")
    }
    for (path, value) in list { findings.append(try finding(value, at: path, &layers)) }
    var notChecked: [Report.NotCheckedRule] = []
    for (path, value) in try members.list("not_checked") {
      let entry = try JSONMembers(value, at: path)
      notChecked.append(.init(rule: try entry.string("rule"), reason: try entry.string("reason")))
    }
    let causes = try members.strings("causes")
    try requireLinks(of: findings, causes)
    return Report(
      findings: findings, causes: causes, checked: try members.strings("checked"),
      notChecked: notChecked, summary: try summary(members["run"] ?? .object([:])),
      layers: layers, verdict: try verdict(members), missing: try members.strings("missing"),
      timeline: try members["timeline"].map { (value) throws(ReportError) in try timeline(value) },
      loop: try loop(members),
      cure: try members["cure"].map { (value) throws(ReportError) in try cure(value) },
      plots: try members["plots"].map { (value) throws(ReportError) in try plots(value) },
      silenced: try silenced(members))
  }

  /// An engine from before baselines told all.
  private static func silenced(_ members: JSONMembers) throws(ReportError) -> Int {
    switch members["silenced"] {
    case nil: return 0
    case .int(let count)? where count >= 0: return count
    default: throw members.wrong("silenced", expected: "a count")
    }
  }

  /// An engine from before loops were played says nothing of them.
  private static func loop(_ members: JSONMembers) throws(ReportError) -> LoopStatement? {
    guard let value = members["loop"] else { return nil }
    let entry = try JSONMembers(value, at: "text.loop")
    return LoopStatement(kind: try entry.choice("explained_by"), text: try entry.string("text"))
  }

  /// An engine from before the verdict told healthy from the rest alone.
  private static func verdict(_ members: JSONMembers) throws(ReportError) -> Verdict {
    if members["verdict"] != nil { return try members.choice("verdict") }
    return members["healthy"] == .bool(true) ? .healthy : .faults
  }

  /// Every finding is there once, and whatever is named is there.
  private static func requireLinks(
    of findings: [Finding], _ causes: [String]
  ) throws(ReportError) {
    var ids: Set<String> = []
    for (index, finding) in findings.enumerated() where !ids.insert(finding.id).inserted {
      throw .member(
        "text.findings[\(index)].id", found: "\"\(finding.id)\" again", expected: "another")
    }
    for id in causes where !ids.contains(id) {
      throw .member("text.causes", found: "\"\(id)\"", expected: "the id of a finding")
    }
    var links = 0
    for (index, finding) in findings.enumerated() {
      links += finding.causedBy.count
      let path = "text.findings[\(index)].caused_by"
      guard links <= linkLimit else {
        throw .member(path, found: "\(links) links", expected: "at most \(linkLimit)")
      }
      for id in finding.causedBy where !ids.contains(id) {
        throw .member(path, found: "\"\(id)\"", expected: "the id of a finding")
      }
    }
  }

  private static func finding(
    _ value: JSONValue, at path: String, _ layers: inout [Place: String]
  ) throws(ReportError) -> Finding {
    let members = try JSONMembers(value, at: path)
    let rule = try members.string("rule")
    let first = try place(members["place"] ?? .null, at: path + ".place", &layers)
    var others: [Place] = []
    for (path, value) in try members.list("places").dropFirst() {
      others.append(try place(value, at: path, &layers))
    }
    var evidence: [Measure] = []
    for (path, value) in try members.list("evidence") {
      let entry = try JSONMembers(value, at: path)
      let value = entry["value"] ?? .null
      evidence.append(
        Measure(
          try entry.string("name"),
          entry["is_text"] == .bool(true) ? value : JSONMembers.numbers(in: value),
          unit: try entry.optionalString("unit") ?? "", threshold: try entry.number("threshold")))
    }
    let finding = Finding(
      rule: rule, title: try members.optionalString("title") ?? rule,
      severity: try members.choice("severity"), place: first, others: others,
      message: try members.string("message"), evidence: evidence,
      remedy: try members.optionalString("remedy") ?? "",
      causedBy: try members.strings("caused_by"),
      since: try members["since"].map { (value) throws(ReportError) in
        try since(value, at: path + ".since")
      }, code: try members.optionalString("code") ?? "",
      source: try source(members["place"], at: path + ".place.source"))
    guard members["id"] == .string(finding.id) else {
      throw members.wrong("id", expected: "\"\(finding.id)\"")
    }
    return finding
  }

  private static func source(
    _ place: JSONValue?, at path: String
  ) throws(ReportError) -> SourceLine? {
    guard let value = place?["source"], value != .null else { return nil }
    let members = try JSONMembers(value, at: path)
    return SourceLine(file: try members.string("file"), line: try members.count("line"))
  }

  private static func place(
    _ value: JSONValue, at path: String, _ layers: inout [Place: String]
  ) throws(ReportError) -> Place {
    let members = try JSONMembers(value, at: path)
    let (units, columns) = (try members.indices("units"), try members.strings("columns"))
    guard columns.isEmpty || columns.count == units.count else {
      throw members.wrong("columns", expected: "a name for each of the units, or none")
    }
    let place = Place(
      try members.choice("kind"), try members.optionalString("name") ?? "", units: units,
      columns: columns)
    layers[place] = try members.optionalString("layer")
    return place
  }

  private static func summary(_ value: JSONValue) throws(ReportError) -> Report.Summary {
    let run = try JSONMembers(value, at: "text.run")
    return Report.Summary(
      samples: try run.count("samples"), parameters: try run.count("parameters"),
      nodes: try run.count("nodes"), loss: try run.number("loss"),
      initialLoss: try run.number("initial_loss"), batchSize: try run.count("batch_size"),
      framework: try run.optionalString("framework") ?? "",
      digest: try run.optionalString("digest") ?? "",
      name: try run.optionalString("name") ?? "")
  }
}
