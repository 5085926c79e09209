import Npy

/// A piece of HTML that is safe by construction: tags and attributes are words of this program, which
/// the compiler sees to, and every other text is escaped on its way in. So a name of a run, which is
/// whatever somebody wrote into a file, is shown and does nothing else.
struct Markup {
  /// The HTML.
  private(set) var source: String

  private init(source: String) { self.source = source }

  /// A text, as it is.
  static func text(_ text: String) -> Markup {
    var source = ""
    for character in Printable.text(text).unicodeScalars {
      switch character {
      case "&": source += "&amp;"
      case "<": source += "&lt;"
      case ">": source += "&gt;"
      case "\"": source += "&quot;"
      case "'": source += "&#39;"
      default: source.unicodeScalars.append(character)
      }
    }
    return Markup(source: source)
  }

  /// An element.
  ///
  /// - Parameters:
  ///   - tag: its name.
  ///   - attributes: as they stand after the name, such as `class="note" open`.
  ///   - content: what it holds.
  static func element(
    _ tag: StaticString, attributes: StaticString = "", _ content: [Markup]
  ) -> Markup {
    let head = attributes.utf8CodeUnitCount == 0 ? "\(tag)" : "\(tag) \(attributes)"
    return Markup(source: "<\(head)>\(content.map(\.source).joined())</\(tag)>")
  }

  /// An element around a text.
  static func element(
    _ tag: StaticString, attributes: StaticString = "", _ text: String
  ) -> Markup {
    element(tag, attributes: attributes, [.text(text)])
  }

  /// HTML that this program writes out: style sheets, and heads of pages.
  static func fixed(_ source: StaticString) -> Markup { Markup(source: "\(source)") }

  /// A shape of an image: fixed attributes, and numbers with one decimal.
  static func shape(
    _ tag: StaticString, _ attributes: StaticString,
    _ numbers: KeyValuePairs<StaticString, Double> = [:], _ content: [Markup] = []
  ) -> Markup {
    let values = numbers.map { " \($0)=\"\(decimal($1))\"" }.joined()
    return Markup(
      source: "<\(tag) \(attributes)\(values)>\(content.map(\.source).joined())</\(tag)>")
  }

  /// A line through points, closed or not.
  static func path(
    _ attributes: StaticString, _ points: [(x: Double, y: Double)], isClosed: Bool = false
  ) -> Markup {
    let steps = points.map { "\(decimal($0.x)) \(decimal($0.y))" }
    return Markup(
      source:
        "<path \(attributes) d=\"M\(steps.joined(separator: "L"))\(isClosed ? "Z" : "")\"></path>")
  }

  /// An image, which is as wide as there is room.
  static func image(width: Double, height: Double, _ content: [Markup]) -> Markup {
    let box =
      "width=\"\(decimal(width))\" height=\"\(decimal(height))\" "
      + "viewBox=\"0 0 \(decimal(width)) \(decimal(height))\""
    return Markup(source: "<svg role=\"img\" \(box)>\(content.map(\.source).joined())</svg>")
  }

  /// Pieces one after the other.
  static func all(_ pieces: [Markup]) -> Markup {
    Markup(source: pieces.map(\.source).joined())
  }

  private static func decimal(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e6 else { return "0" }
    let text = "\((value * 10).rounded() / 10)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
