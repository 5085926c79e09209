/// The result for people: a page for one array, a table for more.
struct InspectionText {
  let document: InspectionDocument
  let style: Style

  init(_ document: InspectionDocument, color: Bool) {
    self.document = document
    style = Style(color: color)
  }

  var text: String {
    if document.order.count == 1, let array = document.arrays.first {
      return ArrayPage(array: array, style: style).text
    }
    if document.order.isEmpty { return "no .npy or .npz files\n" }
    return document.arrays.isEmpty ? "" : InspectionTable(document: document, style: style).text
  }
}

/// Colours, or none.
struct Style {
  let color: Bool

  func strong(_ text: String) -> String { paint(text, "1") }
  func faint(_ text: String) -> String { paint(text, "2") }
  func warning(_ text: String) -> String { paint(text, "33") }
  func error(_ text: String) -> String { paint(text, "31") }
  func bar(_ text: String) -> String { paint(text, "36") }

  private func paint(_ text: String, _ code: String) -> String {
    color && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// Rows of text in columns.
struct TextTable {
  /// Whether a column is set at its right edge, as numbers are.
  let right: [Bool]
  private(set) var rows: [[String]] = []

  init(right: [Bool]) { self.right = right }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The lines, two spaces between columns, nothing at their ends.
  var lines: [String] {
    var widths = [Int](repeating: 0, count: right.count)
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[index] - cell.count)
        line += (index == 0 ? "" : "  ") + (right[index] ? space + cell : cell + space)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
