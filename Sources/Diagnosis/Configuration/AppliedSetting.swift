import Runs

/// A setting of a check as it applies to a run.
public struct AppliedSetting: Sendable, Equatable {
  /// Such as `ignore`, or `dead-units.warn-share`.
  public let name: String
  /// As text.
  public let value: String
  /// `default`, `option`, or the path of a file.
  public let source: String
}

extension Check.Options {
  /// These options, and under them those of the file of settings that applies to a folder.
  ///
  /// - Throws: `RunError` when the file cannot be read, or is wrong.
  func merged(near folder: String?) throws(RunError) -> Check.Options {
    guard let folder, let file = try ConfigurationSearch.file(near: folder)?.options else {
      return self
    }
    var result = self
    if select.isEmpty { result.select = file.select }
    result.ignore += file.ignore
    result.set.merge(file.set) { mine, _ in mine }
    return result
  }
}

extension Check {
  /// The rules and thresholds that apply to the runs of a folder, and where each comes from: what these
  /// options say, then the nearest file of settings, then the defaults.
  ///
  /// - Throws: `RunError` when the file cannot be read, or is wrong.
  public func settings(of folder: String) throws(RunError) -> [AppliedSetting] {
    let file = try ConfigurationSearch.file(near: folder)
    let (own, path) = (options, file?.path ?? "")
    func listed(
      _ name: String, _ mine: [String], _ theirs: [String], both: Bool, none: String
    ) -> AppliedSetting {
      let fromFile = theirs.isEmpty || !both && !mine.isEmpty ? [] : theirs
      let value = (mine + fromFile).joined(separator: ", ")
      let sources = [mine.isEmpty ? "" : "option", fromFile.isEmpty ? "" : path]
      let source = sources.filter { !$0.isEmpty }.joined(separator: " and ")
      return AppliedSetting(
        name: name, value: value.isEmpty ? none : value,
        source: source.isEmpty ? "default" : source)
    }
    let theirs = file?.options
    var result = [
      listed("select", own.select, theirs?.select ?? [], both: false, none: "every rule"),
      listed("ignore", own.ignore, theirs?.ignore ?? [], both: true, none: "none"),
    ]
    for rule in RuleRegistry.all {
      for threshold in rule.info.thresholds {
        let name = "\(rule.info.id).\(threshold.name)"
        let (mine, others) = (own.set[name], theirs?.set[name])
        result.append(
          AppliedSetting(
            name: name, value: Wording.number(mine ?? others ?? threshold.value),
            source: mine != nil ? "option" : others != nil ? path : "default"))
      }
    }
    return result
  }
}
