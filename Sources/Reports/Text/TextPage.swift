import Npy

/// How a piece of text looks on a terminal with colours.
enum Paint: String {
  case plain = ""
  case strong = "1"
  case faint = "2"
  case error = "1;31"
  case warning = "1;33"
  case note = "1;36"
  case good = "1;32"
}

/// A piece of a paragraph.
struct Span {
  let text: String
  let paint: Paint
  /// The id of the rule that it names, where a terminal may lead to its page.
  let rule: String?

  init(_ text: String, _ paint: Paint = .plain, rule: String? = nil) {
    self.text = text
    self.paint = paint
    self.rule = rule
  }
}

/// Lines of text for a terminal: paragraphs are wrapped between words, and colours do not count.
struct TextPage {
  let width: Int
  let color: Bool
  /// Where the pages of rules are; nil for a text without links.
  let pages: String?
  private var lines: [String] = []

  init(width: Int, color: Bool, pages: String? = nil) {
    self.pages = pages
    // Narrower than this, a chain of causes would be a column of single words.
    self.width = max(40, width)
    self.color = color
  }

  /// Everything, with a line feed at the end.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// An empty line, unless the page begins here or there is one already.
  mutating func blank() {
    if let last = lines.last, !last.isEmpty { lines.append("") }
  }

  /// A line that is not wrapped.
  mutating func verbatim(_ text: String, indent: Int = 0) {
    lines.append(String(repeating: " ", count: indent) + Printable.text(text))
  }

  /// A paragraph. Spans stand apart by a space.
  ///
  /// - Parameters:
  ///   - indent: columns before the first line.
  ///   - hanging: columns before all others.
  mutating func add(_ spans: [Span], indent: Int = 0, hanging: Int? = nil) {
    // However deep a chain goes, half of the width is for its words.
    let (first, rest) = (min(indent, width / 2), min(hanging ?? indent, width / 2 + 4))
    var line: [Span] = []
    var used = first
    var start = first
    for span in spans {
      for word in Printable.text(span.text).split(separator: " ") {
        let length = word.count + (line.isEmpty ? 0 : 1)
        if !line.isEmpty && used + length > width {
          lines.append(String(repeating: " ", count: start) + paint(line))
          line = []
          (start, used) = (rest, rest)
        }
        used += word.count + (line.isEmpty ? 0 : 1)
        line.append(Span(String(word), span.paint, rule: span.rule))
      }
    }
    if !line.isEmpty { lines.append(String(repeating: " ", count: start) + paint(line)) }
  }

  /// Words of one look are painted together.
  private func paint(_ words: [Span]) -> String {
    var text = ""
    var index = 0
    while index < words.count {
      let paint = words[index].paint
      var end = index
      let rule = words[index].rule
      while end < words.count && words[end].paint == paint && words[end].rule == rule { end += 1 }
      let run = words[index..<end].map(\.text).joined(separator: " ")
      let painted = color && paint != .plain ? "\u{1B}[\(paint.rawValue)m\(run)\u{1B}[0m" : run
      text += (text.isEmpty ? "" : " ") + linked(painted, rule)
      index = end
    }
    return text
  }

  /// A text that leads to the page of a rule (OSC 8, which terminals without links leave out). An id
  /// that no rule of Defib has is no part of an address.
  private func linked(_ text: String, _ rule: String?) -> String {
    guard let pages, let rule,
      rule.unicodeScalars.allSatisfy({ ("a"..."z").contains($0) || $0 == "-" })
    else { return text }
    return "\u{1B}]8;;\(pages)/\(rule)\u{1B}\\\(text)\u{1B}]8;;\u{1B}\\"
  }
}
