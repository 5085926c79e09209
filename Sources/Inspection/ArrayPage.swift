import Npy

/// Everything about one array.
struct ArrayPage {
  let array: ArrayInspection
  let style: Style
  /// Columns of a line.
  let width: Int

  var text: String {
    var lines = [style.strong(Printable.text(array.name))]
    lines += pairs(description)
    if let figures = array.figures {
      lines += [""] + pairs(self.figures(figures))
    }
    if let quantiles = array.figures?.quantiles {
      lines +=
        [""]
        + pairs(
          QuantileSearch.shares.map { ($0, NumberText.number(quantiles[$0])) })
    }
    if let histogram = array.histogram, histogram.counts.count > 1 {
      lines += [""] + bars(histogram)
    }
    if let columns = array.columns, !columns.shown.isEmpty {
      lines += [""] + table(columns)
    }
    if !array.warnings.isEmpty {
      lines += [""] + array.warnings.map { style.warning("warning: " + Printable.text($0)) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var description: [(String, String)] {
    let order = array.order == "F" ? "Fortran order" : "C order"
    let ends = array.byteOrder == "none" ? "" : ", \(array.byteOrder)-endian"
    var packed = ""
    if array.compressed == true { packed = ", packed in \(NumberText.size(array.fileBytes))" }
    let alignment = array.aligned ? "" : ", not aligned"
    let whole = array.wholeShape.map { ", of \(Self.shape($0))" } ?? ""
    var rows = [
      ("type", "\(Printable.text(array.type)) (\(Printable.text(array.descr)))\(ends)"),
      ("shape", "\(Self.shape(array.shape))\(whole), \(order)"),
      ("elements", NumberText.count(array.count)),
      ("size", NumberText.size(array.dataBytes) + packed),
    ]
    if !array.headerVersion.isEmpty {
      let place = "data at byte \(NumberText.count(array.dataOffset))"
      rows.append(("header", "version \(array.headerVersion), \(place)\(alignment)"))
    }
    return rows
  }

  private func figures(_ figures: ElementFigures) -> [(String, String)] {
    let of = array.kind == .complex ? " of magnitudes" : ""
    var rows = [
      ("min\(of)", place(figures.minimum, figures.exactMinimum, figures.minimumIndex)),
      ("max\(of)", place(figures.maximum, figures.exactMaximum, figures.maximumIndex)),
      ("mean\(of)", NumberText.number(figures.mean)),
      ("std\(of)", NumberText.number(figures.deviation)),
      ("zeros", share(figures.zeros)),
      ("negative", share(figures.negative)),
      ("NaN", share(figures.nan)),
      ("+Inf", share(figures.positiveInfinity)),
      ("-Inf", share(figures.negativeInfinity)),
    ]
    let distinct = figures.distinct.map(String.init) ?? "more than \(DistinctValues.limit)"
    rows.append(("distinct", figures.constant ? "1 (constant)" : distinct))
    return rows
  }

  private func place(_ value: Double?, _ exact: Int128?, _ index: [Int]?) -> String {
    let text = exact.map { "\($0)" } ?? NumberText.number(value)
    guard let index, !index.isEmpty else { return text }
    return text + " at [" + index.map(String.init).joined(separator: ", ") + "]"
  }

  private func share(_ count: Int) -> String {
    count == 0 ? "0" : "\(NumberText.count(count)) (\(NumberText.share(count, of: array.count)))"
  }

  private func pairs(_ rows: [(String, String)]) -> [String] {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      style.faint(name + String(repeating: " ", count: width - name.count)) + "  " + value
    }
  }

  private func bars(_ histogram: Histogram) -> [String] {
    var table = TextTable(right: [true, false, true, true])
    let most = histogram.counts.max() ?? 0
    for (index, count) in histogram.counts.enumerated() {
      let low = histogram.edges[index]
      let high = histogram.edges[index + 1]
      // A bin around one whole number is shown as that number.
      let isOne = high - low == 1 && (low + 0.5).rounded() == low + 0.5 && low.rounded() != low
      table.add([
        isOne ? "" : NumberText.number(low), isOne ? "" : "to",
        NumberText.number(isOne ? low + 0.5 : high), NumberText.count(count),
      ])
    }
    let isOne = table.rows.allSatisfy { $0[1].isEmpty }
    let lines = isOne ? table.lines.map { String($0.dropFirst(4)) } : table.lines
    let room = min(40, max(8, width - 2 - (lines.map(\.count).max() ?? 0)))
    return zip(lines, histogram.counts).map { line, count in
      count == 0 ? line : line + "  " + style.bar(Self.bar(count, of: most, room: room))
    }
  }

  /// A bar of up to `room` characters, in eighths.
  private static func bar(_ count: Int, of most: Int, room: Int) -> String {
    let eighths = max(1, Int((8 * Double(room) * Double(count) / Double(most)).rounded()))
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }

  private func table(_ columns: Columns) -> [String] {
    var table = TextTable(right: [Bool](repeating: true, count: 8))
    table.add(["column", "min", "max", "mean", "std", "zeros", "NaN", "Inf"])
    for (index, column) in columns.shown.enumerated() {
      table.add([
        String(index), NumberText.number(column.minimum), NumberText.number(column.maximum),
        NumberText.number(column.mean), NumberText.number(column.deviation),
        NumberText.count(column.zeros), NumberText.count(column.nan),
        NumberText.count(column.infinite),
      ])
    }
    var lines = table.lines
    lines[0] = style.faint(lines[0])
    let rest = columns.total - columns.shown.count
    if rest > 0 {
      lines.append("… and \(NumberText.count(rest)) more column\(rest == 1 ? "" : "s")")
    }
    return lines
  }

  /// The Python tuple.
  static func shape(_ shape: [Int]) -> String {
    shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
  }
}
