/// The result for people: a page for one array, a table for more.
struct InspectionText {
  let document: InspectionDocument
  let style: Style
  /// Columns of a terminal; nil where lines may be of any length.
  let width: Int?
  let options: InspectionOptions

  init(
    _ document: InspectionDocument, color: Bool, width: Int?, options: InspectionOptions
  ) {
    self.document = document
    self.width = width
    self.options = options
    style = Style(color: color)
  }

  var text: String {
    if document.order.count == 1, let array = document.arrays.first {
      return ArrayPage(array: array, style: style, width: width ?? 80).text
    }
    if document.order.isEmpty { return "no .npy, .npz or .safetensors files\n" }
    if document.arrays.isEmpty { return "" }
    return InspectionTable(
      document: document, style: style, width: width, isMeta: options.isMeta
    ).text
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
