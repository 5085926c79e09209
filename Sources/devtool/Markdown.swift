/// Pieces of Markdown pages.
enum Markdown {
  /// The first line of every generated page.
  static let notice = "<!-- Written by `devtool docs`: do not edit. -->"

  /// A table of those columns.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines = [head, head.map { _ in "---" }] + rows
    return lines.map { cells in
      "| " + cells.map { escape($0) }.joined(separator: " | ") + " |\n"
    }.joined()
  }

  /// A cell must not end early.
  private static func escape(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
