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
}
