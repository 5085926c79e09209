import Npy

/// One line for each of many arrays, and their totals.
struct InspectionTable {
  let document: InspectionDocument
  let style: Style

  /// Columns of a terminal; nil where lines may be of any length.
  let width: Int?
  /// Whether the arrays are not measured.
  let isMeta: Bool

  /// What is left out first where there is no room, by its head.
  private static let dispensable = ["std", "mean", "zeros", "max", "min", "size", "type", "shape"]

  var text: String {
    let heads = ["file", "type", "shape", "size"]
    let measured = ["min", "max", "mean", "std", "zeros", "NaN", "Inf"]
    var table = TextTable(
      right: [false, false, false] + [Bool](repeating: true, count: isMeta ? 1 : 8))
    table.add(heads + (isMeta ? [] : measured))
    for array in document.arrays { table.add(cells(array)) }
    table.add(totals)
    if let width { table.fit(width, leavingOut: Self.dispensable) }
    let lines = table.lines
    var shown = [style.faint(lines[0])]
    for row in document.order {
      switch row {
      case .array(let index):
        let isSuspect = document.arrays[index].figures.map(Self.isSuspect) ?? false
        shown.append(isSuspect ? style.warning(lines[1 + index]) : lines[1 + index])
      case .error(let index):
        shown.append(style.error("error: " + Printable.text(document.errors[index].message)))
      }
    }
    shown.append(style.strong(lines[lines.count - 1]))
    return shown.joined(separator: "\n") + "\n"
  }

  private static func isSuspect(_ figures: ElementFigures) -> Bool {
    figures.nan + figures.positiveInfinity + figures.negativeInfinity > 0
  }

  private func cells(_ array: ArrayInspection) -> [String] {
    let head = [
      Printable.text(array.name), Printable.text(array.type), ArrayPage.shape(array.shape),
      NumberText.size(array.dataBytes),
    ]
    if isMeta { return head }
    guard let figures = array.figures else { return head + Array(repeating: "-", count: 7) }
    return head + [
      NumberText.number(figures.minimum), NumberText.number(figures.maximum),
      NumberText.number(figures.mean), NumberText.number(figures.deviation),
      NumberText.share(figures.zeros, of: array.count), NumberText.count(figures.nan),
      NumberText.count(figures.positiveInfinity + figures.negativeInfinity),
    ]
  }

  private var totals: [String] {
    let arrays = document.arrays
    let figures = arrays.compactMap(\.figures)
    let measured = arrays.filter { $0.figures != nil }.reduce(0) { $0 + $1.count }
    let infinite = figures.reduce(0) { $0 + $1.positiveInfinity + $1.negativeInfinity }
    let errors = document.errors.count
    let failed = errors == 0 ? "" : ", \(errors) error\(errors == 1 ? "" : "s")"
    let head = [
      "total: \(arrays.count) array\(arrays.count == 1 ? "" : "s")\(failed)", "",
      NumberText.count(arrays.reduce(0) { $0 + $1.count }) + " elements",
      NumberText.size(arrays.reduce(0) { $0 + $1.dataBytes }),
    ]
    if isMeta { return head }
    return head + [
      NumberText.number(figures.compactMap(\.minimum).min()),
      NumberText.number(figures.compactMap(\.maximum).max()), "", "",
      NumberText.share(figures.reduce(0) { $0 + $1.zeros }, of: measured),
      NumberText.count(figures.reduce(0) { $0 + $1.nan }), NumberText.count(infinite),
    ]
  }
}
