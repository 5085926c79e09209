import Npy

/// Shows the first rows of arrays, in place of what is known about them.
struct ElementView {
  let request: InspectionRequest
  /// The most rows of each array.
  let rows: Int

  /// - Returns: the exit status: 0, or 2 when something could not be read.
  func run(output: (String) -> Void, errors: (String) -> Void) -> Int32 {
    var status: Int32 = 0
    var number = 0
    func fail(_ error: NpyError) {
      status = 2
      errors(error.description)
    }
    let finder = ArrayFinder(wanted: request.options.slice)
    if request.format == .json { output("[") }
    for path in request.paths {
      finder.each(at: path) { _, error in
        fail(error)
      } found: { found in
        do throws(NpyError) {
          try show(found, found.open { false }, isFirst: number == 0, output)
          number += 1
        } catch { fail(error) }
      }
    }
    if request.format == .json { output(number == 0 ? "]\n" : "\n]\n") }
    return status
  }

  private func show(
    _ found: FoundArray, _ array: NpyArray, isFirst: Bool, _ output: (String) -> Void
  ) throws(NpyError) {
    // Before anything is written.
    try ElementReader(array: array).each(in: 0..<min(1, array.count)) { _ in }
    switch request.format {
    case .json: try showJSON(found, array, isFirst: isFirst, output)
    case .csv, .tsv:
      let form = Separated(request.format)
      let width = array.rowLength
      for row in 0..<count(array) {
        var cells: [String] = []
        try ElementReader(array: array).each(in: row * width..<(row + 1) * width) { values in
          cells += values.map(\.text)
        }
        output(form.line(cells))
      }
    case .text:
      output(
        (isFirst ? "" : "\n")
          + (try ElementPage(
            name: found.name, array: array, rows: count(array), width: request.width ?? 80,
            style: Style(color: request.color)
          ).text()))
    }
  }

  private func showJSON(
    _ found: FoundArray, _ array: NpyArray, isFirst: Bool, _ output: (String) -> Void
  ) throws(NpyError) {
    struct Head: Encodable {
      let path: String
      let type: String
      let shape: [Int]
      let values: Nested
    }
    var values: [ElementValue] = []
    let rows = count(array)
    try ElementReader(array: array).each(in: 0..<rows * array.rowLength) { values += $0 }
    let shape = array.shape.isEmpty ? [] : [rows] + array.shape.dropFirst()
    let head = Head(
      path: found.name, type: array.elementType.name, shape: array.shape,
      values: Nested(values[...], shape[...]))
    let text = JSONText.of(head).split(separator: "\n").map { "  \($0)" }
    output((isFirst ? "\n" : ",\n") + text.joined(separator: "\n"))
  }

  private func count(_ array: NpyArray) -> Int { min(rows, array.count == 0 ? 0 : array.rows) }
}

/// Elements as lists in lists, as many as there are axes.
private enum Nested: Encodable {
  case one(ElementValue)
  case list([Nested])

  init(_ values: ArraySlice<ElementValue>, _ shape: ArraySlice<Int>) {
    guard let length = shape.first else {
      self = values.first.map(Nested.one) ?? .list([])
      return
    }
    let step = length > 0 ? values.count / length : 0
    self = .list(
      (0..<(values.isEmpty ? 0 : length)).map { index in
        let start = values.startIndex + index * step
        return Nested(values[start..<start + step], shape.dropFirst())
      })
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .one(let value): try value.encode(to: encoder)
    case .list(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    }
  }
}

/// Rows of one array as a table, with as many columns as fit.
struct ElementPage {
  let name: String
  let array: NpyArray
  let rows: Int
  let width: Int
  let style: Style

  func text() throws(NpyError) -> String {
    let rowLength = array.shape.isEmpty ? 1 : array.rowLength
    // Every column takes three characters at least.
    let shown = min(rowLength, max(1, width / 3))
    var columns = [[String]](repeating: [], count: shown)
    for row in 0..<rows {
      var values: [String] = []
      try ElementReader(array: array).each(in: row * rowLength..<row * rowLength + shown) {
        values += $0.map(\.brief)
      }
      for (index, value) in values.enumerated() { columns[index].append(value) }
    }
    let labels = (0..<rows).map { array.shape.isEmpty ? "" : "\($0)" }
    let heads = array.shape.count < 2 ? nil : (0..<shown).map(label)
    var used = labels.map(\.count).max() ?? 0
    var fitting = 0
    for (index, column) in columns.enumerated() {
      used += 2 + max(column.map(\.count).max() ?? 0, heads?[index].count ?? 0)
      if used > width, index > 0 { break }
      fitting = index + 1
    }
    var table = TextTable(right: [Bool](repeating: true, count: fitting + 1))
    if let heads { table.add([""] + heads[..<fitting]) }
    for row in 0..<rows { table.add([labels[row]] + columns[..<fitting].map { $0[row] }) }
    var lines = table.lines
    if heads != nil, !lines.isEmpty { lines[0] = style.faint(lines[0]) }
    let head =
      "\(Printable.text(name))  \(Printable.text(array.elementType.name)) "
      + ArrayPage.shape(array.shape)
    lines.insert(style.strong(head), at: 0)
    if fitting < rowLength { lines.append(more(rowLength - fitting, "column")) }
    let rest = array.count == 0 ? 0 : array.rows - rows
    if rest > 0 { lines.append(more(rest, "row")) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func more(_ count: Int, _ what: String) -> String {
    "… and \(NumberText.count(count)) more \(what)\(count == 1 ? "" : "s")"
  }

  /// The index of an element in its row.
  private func label(_ element: Int) -> String {
    var rest = element
    var index: [String] = []
    for length in array.shape.dropFirst().reversed() {
      index.insert("\(rest % length)", at: 0)
      rest /= length
    }
    return index.joined(separator: ",")
  }
}
