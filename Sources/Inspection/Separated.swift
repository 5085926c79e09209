import Npy

/// Lines of cells, separated by commas (RFC 4180, but with line feeds) or by tabs.
struct Separated {
  private let separator: String

  init(_ format: InspectionRequest.Format) { separator = format == .tsv ? "\t" : "," }

  /// One line with its line feed. Control characters do not get through, tabs are spaces.
  func line(_ cells: [String]) -> String {
    cells.map(cell).joined(separator: separator) + "\n"
  }

  private func cell(_ text: String) -> String {
    let clean = Printable.text(text)
    guard separator == ",", clean.contains(where: { $0 == "," || $0 == "\"" }) else { return clean }
    return "\"" + clean.replacing("\"", with: "\"\"") + "\""
  }
}

/// A line for each of many arrays, with numbers in full.
struct InspectionLines {
  let document: InspectionDocument
  let options: InspectionOptions

  func write(_ form: Separated, to output: (String) -> Void) {
    let shares = options.quantiles ? QuantileSearch.shares : []
    var names = ["file", "type", "shape", "elements", "bytes"]
    if !options.isMeta {
      names += [
        "min", "max", "mean", "std", "zeros", "negative", "nan", "positive_infinity",
        "negative_infinity",
      ]
      names += shares.map { "q\($0)" }
    }
    output(form.line(names))
    for array in document.arrays {
      let shape = array.shape.map(String.init).joined(separator: "x")
      var cells = [array.name, array.type, shape, "\(array.count)", "\(array.dataBytes)"]
      if !options.isMeta { cells += figures(array.figures, shares) }
      output(form.line(cells))
    }
  }

  private func figures(_ figures: ElementFigures?, _ shares: [String]) -> [String] {
    guard let figures else { return [String](repeating: "", count: 9 + shares.count) }
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let counts = [
      figures.zeros, figures.negative, figures.nan, figures.positiveInfinity,
      figures.negativeInfinity,
    ]
    return [
      figures.exactMinimum.map { "\($0)" } ?? number(figures.minimum),
      figures.exactMaximum.map { "\($0)" } ?? number(figures.maximum), number(figures.mean),
      number(figures.deviation),
    ] + counts.map(String.init) + shares.map { number(figures.quantiles?[$0]) }
  }
}
