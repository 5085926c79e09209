import Diagnosis

/// The table of `Limits` in docs/diagnosis.md, between two marks.
enum LimitsTable {
  private static let begin = "<!-- Written by `devtool docs`: the table of Limits. -->\n"
  private static let end = "<!-- The end of that table. -->\n"

  /// The page with the table as it is now.
  ///
  /// - Throws: `DevtoolError.marks` when the page does not have both marks.
  static func page(_ repository: Repository) throws -> (String, String) {
    let path = "docs/diagnosis.md"
    let text = repository.read(path) ?? ""
    guard let start = text.firstRange(of: begin), let stop = text.firstRange(of: end),
      start.upperBound <= stop.lowerBound
    else { throw DevtoolError.marks(path) }
    return (path, text[..<start.upperBound] + table + text[stop.lowerBound...])
  }

  private static var table: String {
    Markdown.table(
      ["limit", "value", "unit", "what it decides", "source"],
      Limits.all.map { name, limit in
        ["`\(name)`", "\(limit.value)", limit.unit, limit.meaning, limit.source]
      })
  }
}
