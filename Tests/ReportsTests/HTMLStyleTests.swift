import Foundation
import Testing

@testable import Reports

/// The colours of a page, as its style sheet has them.
struct HTMLStyleTests {
  private let sheet = HTMLStyle.sheet.source

  @Test(arguments: ["light", "dark", "print"])
  func `text stands out from what is behind it`(theme: String) throws {
    let colors = try colors(theme)
    for name in ["ink", "quiet", "error", "warning", "note", "good"] {
      for ground in ["page", "panel"] {
        let contrast = try contrast(#require(colors[name]), #require(colors[ground]))
        #expect(contrast >= 4.5, "\(name) on \(ground) in \(theme): \(contrast)")
      }
    }
    // Lines and dots need three to one.
    for name in ["c1", "c2", "c3", "c4", "cs"] {
      #expect(try contrast(#require(colors[name]), #require(colors["page"])) >= 3)
    }
  }

  @Test func `a colour of text is always one of these`() {
    let used = Set(sheet.matches(of: #/color:var\(--([a-z0-9]+)\)/#).map { String($0.1) })
    #expect(
      used == ["ink", "quiet", "error", "warning", "note", "tone", "c1", "c2", "c3", "c4", "cs"])
    let tones = sheet.matches(of: #/--tone:([^}]*)/#).map { String($0.1) }
    #expect(tones == ["var(--error)", "var(--warning)", "var(--note)", "var(--good)"])
    #expect(!sheet.contains("opacity"))
  }

  @Test func `every rule is for a report alone`() {
    let rules = sheet.replacing(#/@media[^{]*\{/#, with: "")
    for match in rules.matches(of: #/([^{}]+)\{/#) {
      let selectors = match.1.split(separator: ",")
      #expect(selectors.allSatisfy { $0.drop(while: \.isWhitespace).hasPrefix(".defib") })
    }
  }

  /// The colours by name: those of the first rule, or of the one for dark or for paper.
  private func colors(_ theme: String) throws -> [String: String] {
    let start =
      switch theme {
      case "dark": try #require(sheet.range(of: "prefers-color-scheme:dark")).upperBound
      case "print": try #require(sheet.range(of: "@media print")).upperBound
      default: sheet.startIndex
      }
    let rule = sheet[start...].drop { $0 != "-" }.prefix { $0 != "}" }
    return Dictionary(
      rule.matches(of: #/--([a-z0-9]+):#([0-9a-f]{6})/#).map { (String($0.1), String($0.2)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The contrast of two colours as WCAG 2.2 defines it.
  private func contrast(_ one: String, _ other: String) throws -> Double {
    let (a, b) = (try luminance(one), try luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  private func luminance(_ color: String) throws -> Double {
    let number = try #require(Int(color, radix: 16))
    let parts = [16, 8, 0].map { shift in
      let share = Double(number >> shift & 255) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }
}
