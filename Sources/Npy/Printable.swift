/// Names and messages come from files that others wrote; this is what of them may reach a terminal or a
/// page.
public enum Printable {
  /// A text whose line feeds and tabs are spaces and whose other control and format characters are
  /// U+FFFD: those that move the cursor, and those that turn the order of what follows around or hide
  /// it (U+202A to U+202E, U+2066 to U+2069, and the like).
  public static func text(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isSpace = scalar == "\n" || scalar == "\t"
      clean.append(isSpace ? " " : isHidden(scalar) ? "\u{FFFD}" : scalar)
    }
    return String(clean)
  }

  /// JSON in which such characters are escapes, which stand for the same; its own line feeds remain.
  public static func json(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x7F }) { return text }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      guard scalar != "\n", isHidden(scalar) else {
        clean.append(scalar)
        continue
      }
      for unit in String(scalar).utf16 {
        let digits = String(unit, radix: 16)
        let zeros = String(repeating: "0", count: 4 - digits.count)
        clean.append(contentsOf: "\\u\(zeros)\(digits)".unicodeScalars)
      }
    }
    return String(clean)
  }

  /// Whether a character does something else than to be seen.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
