/// Rows of text in columns.
struct TextTable {
  /// Whether a column is set at its right edge, as numbers are.
  private var right: [Bool]
  private(set) var rows: [[String]] = []

  init(right: [Bool]) { self.right = right }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  /// Makes the table narrow enough for a terminal: first cells of the first column lose their middle, down
  /// to 24 characters, then columns go, and then those cells lose more.
  ///
  /// - Parameter heads: the columns that may go, by their heads, the first one first.
  mutating func fit(_ width: Int, leavingOut heads: [String]) {
    shorten(to: max(24, firstWidth - max(0, self.width - width)))
    for head in heads where self.width > width {
      guard let column = rows.first?.firstIndex(of: head) else { continue }
      right.remove(at: column)
      for row in rows.indices { rows[row].remove(at: column) }
    }
    shorten(to: max(8, firstWidth - max(0, self.width - width)))
  }

  private mutating func shorten(to most: Int) {
    for row in rows.indices where rows[row][0].count > most {
      let cell = rows[row][0]
      let tail = most * 2 / 3
      rows[row][0] = cell.prefix(most - tail - 1) + "…" + cell.suffix(tail)
    }
  }

  private var firstWidth: Int { rows.map { $0[0].count }.max() ?? 0 }
  private var width: Int { lines.map(\.count).max() ?? 0 }

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
