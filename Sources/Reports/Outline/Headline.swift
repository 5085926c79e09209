import Diagnosis

/// The first sentence of a report for people.
struct Headline {
  /// How it sounds.
  enum Tone {
    case good
    case doubtful
    case severity(Severity?)
  }

  /// Such as `Diagnosis:`.
  let lead: String
  /// Such as `2 causes, most damaging first.`; empty where the lead says all.
  let text: String
  let tone: Tone
  /// The verdict in a sentence with the run's name: the first words of it, which carry the tone, and the
  /// rest.
  let verdict: (lead: String, rest: String)

  /// - Parameter name: the run's name; empty where it has none.
  init(_ report: Report, name: String = "") {
    verdict = Self.verdict(report, name.isEmpty ? "this run" : name)
    let checked = Wording.count(report.checked.count, "rule")
    let all = report.findings.count
    let notes = all == 0 ? "" : " " + Wording.count(all, "note") + " below."
    if report.verdict != .faults, report.checked.isEmpty {
      (lead, text, tone) = ("No rule could be checked.", "", .doubtful)
      return
    }
    switch report.verdict {
    case .healthy where report.silenced > 0, .couldNotTell where report.silenced > 0:
      let known = Wording.count(report.silenced, "known finding")
      (lead, text, tone) = ("No new fault:", "\(known) not shown." + notes, .good)
    case .healthy:
      (lead, text, tone) = ("Healthy:", "\(checked) checked, no fault found." + notes, .good)
    case .couldNotTell:
      lead = "Could not tell:"
      text =
        "\(checked) checked, no fault found, but whether it learned could not be judged." + notes
      tone = .doubtful
    case .faults:
      let known = Wording.count(report.silenced, "known finding")
      let more = report.silenced > 0 ? " \(known) not shown." : ""
      (lead, text, tone) = ("Diagnosis:", Self.faults(report) + more, .severity(report.worst))
    }
  }

  private static func faults(_ report: Report) -> String {
    guard !report.causes.isEmpty else {
      return Wording.count(report.findings.count, "finding") + "."
    }
    let symptoms = report.findings.count { $0.severity > .note } - report.causes.count
    let order = report.causes.count > 1 ? ", most damaging first" : ""
    var text = "\(Wording.count(report.causes.count, "cause"))\(order)"
    if symptoms > 0 {
      text += "; \(Wording.count(symptoms, "finding")) follow\(symptoms == 1 ? "s" : "") from "
      text += report.causes.count > 1 ? "them" : "it"
    }
    return text + "."
  }

  private static func verdict(_ report: Report, _ name: String) -> (lead: String, rest: String) {
    switch report.verdict {
    case .healthy where report.silenced > 0, .couldNotTell where report.silenced > 0:
      return ("No new fault", " was found in \(name).")
    case .healthy: return ("Healthy:", " no fault was found in \(name).")
    case .couldNotTell: return ("Could not tell", " whether \(name) learned.")
    case .faults: break
    }
    let causes = report.causes.compactMap { report.finding($0) }
    let lead = report.worst == .error ? "Something is wrong with" : "Something could be better in"
    guard let first = causes.first else { return (lead, " \(name).") }
    let title = first.title.prefix(1).lowercased() + first.title.dropFirst()
    let more = causes.count > 1 ? ", and \(Wording.count(causes.count - 1, "other cause"))" : ""
    return (lead, " \(name): \(title)\(more).")
  }
}
