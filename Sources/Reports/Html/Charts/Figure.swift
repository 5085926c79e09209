import Diagnosis

/// A chart with what tells the same in words and numbers.
struct Figure {
  /// What it shows.
  let title: String
  /// What is to be seen, in a sentence.
  let about: String
  /// The image.
  let image: Markup
  /// What lines and marks stand for.
  var legend: [(swatch: Markup, text: String)] = []
  /// The numbers: a row of titles, and rows.
  var table: (header: [String], rows: [[String]]) = ([], [])

  /// The most rows of numbers; more are thinned.
  private static let rowLimit = 40

  /// - Parameter hasNumbers: whether the numbers are put below.
  func markup(hasNumbers: Bool) -> Markup {
    var parts = [Markup.element("figcaption", [.element("b", title), .text(" " + about)]), image]
    if !legend.isEmpty {
      parts.append(
        .element(
          "ul", attributes: #"class="legend""#,
          legend.map { .element("li", [$0.swatch, .text(" " + $0.text)]) }))
    }
    if hasNumbers, !table.rows.isEmpty {
      parts.append(
        .element("details", [.element("summary", "The numbers"), numbers]))
    }
    return .element("figure", parts)
  }

  private var numbers: Markup {
    let rows = table.rows
    let limit = Self.rowLimit
    let shown =
      rows.count <= limit
      ? rows : (0..<limit).map { rows[$0 * (rows.count - 1) / (limit - 1)] }
    return HTMLReport.table(table.header, shown)
  }
}
