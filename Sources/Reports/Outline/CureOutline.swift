import Diagnosis

/// The cure in words that the formats for people share.
struct CureOutline {
  /// One change with what it is worth.
  struct Line {
    let text: String
    let code: String
  }

  let title: String
  let text: String
  /// The changes.
  let changes: [Line]
  /// Sentences below them.
  let notes: [String]

  /// The title, the text and the lines of code, one below the other.
  var lines: [String] {
    ["\(title): \(text)"]
      + changes.flatMap { $0.code.split(separator: "\n").map { line in "  \(line)" } }
  }

  /// Changes without effect that are named.
  private static let named = 4
  /// A change alone that falls short of the cure by so much has little effect.
  private static let short = 0.1

  /// - Returns: nil where nobody asked for a cure.
  init?(_ report: Report) {
    guard let cure = report.cure else { return nil }
    title =
      switch cure.outcome {
      case .cured: "Cure"
      case .helped: "What helps"
      case .none, .notTried: "No cure"
      }
    text = cure.text
    changes = cure.changes.map { change in
      guard !change.without.isEmpty else { return Line(text: change.text, code: change.code) }
      let without = CureStatement.figures(change.without)
      return Line(text: "\(change.text): \(without) without it", code: change.code)
    }
    var notes: [String] = []
    let reached = cure.after.reduce(0, +) / Double(max(1, cure.after.count))
    let idle = cure.tried.filter { attempt in
      attempt.scores.reduce(0, +) / Double(max(1, attempt.scores.count)) < reached - Self.short
    }
    if !idle.isEmpty {
      let names = idle.prefix(Self.named).map {
        "\($0.text) (\(CureStatement.figures($0.scores)))"
      }
      let more = idle.count > Self.named ? "; and \(idle.count - Self.named) more" : ""
      notes.append("Less or nothing by itself: \(names.joined(separator: "; "))\(more).")
    }
    notes += cure.notTried.prefix(Self.named).map { "Not tried: \($0.what): \($0.reason)." }
    if let loss = cure.loss {
      notes.append(
        """
        The weights of one such training give a loss of \(Wording.number(loss)) over all rows: 'defib \
        revive' writes them, report.cure.weights() returns them.
        """)
    }
    notes += cure.additions.map { "They need: \($0)" }
    self.notes = notes
  }
}
