import Diagnosis
import Glibc

/// A chart that is being drawn: a frame with two scales, and shapes on it. It is drawn at the width of a
/// phone and stretched where there is more room; without a style sheet it is black lines.
struct Chart {
  /// Its width and its usual height.
  static let (width, usualHeight) = (360.0, 210.0)
  private static let (left, right, top, bottom) = (46.0, 14.0, 8.0, 34.0)

  let height: Double
  let x: Scale
  let y: Scale
  private var shapes: [Markup] = []

  /// How a line looks.
  enum Look: CaseIterable {
    case first, second, third, fourth, level, other

    var line: StaticString {
      switch self {
      case .first: #"class="c1" fill="none" stroke="currentColor" stroke-width="2""#
      case .second:
        #"class="c2" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="7 2""#
      case .third:
        #"class="c3" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="4 2""#
      case .fourth:
        #"class="c4" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="2 2""#
      case .level: #"class="cl" fill="none" stroke="currentColor" stroke-dasharray="1 3""#
      case .other: #"class="cs" fill="none" stroke="currentColor" stroke-dasharray="8 4""#
      }
    }

    var area: StaticString {
      switch self {
      case .first: #"class="c1 area" fill="currentColor" fill-opacity=".15" stroke="none""#
      case .second: #"class="c2 area" fill="currentColor" fill-opacity=".15" stroke="none""#
      case .third: #"class="c3 area" fill="currentColor" fill-opacity=".15" stroke="none""#
      default: #"class="c4 area" fill="currentColor" fill-opacity=".15" stroke="none""#
      }
    }

    var dot: StaticString {
      switch self {
      case .first: #"class="c1 dot" fill="currentColor" fill-opacity=".7" r="3""#
      case .second: #"class="c2 dot" fill="currentColor" fill-opacity=".7" r="3""#
      case .third: #"class="c3 dot" fill="currentColor" fill-opacity=".7" r="3""#
      default: #"class="c4 dot" fill="currentColor" fill-opacity=".7" r="3""#
      }
    }

    /// The line in a legend.
    var swatch: Markup {
      .shape(
        "svg", #"width="22" height="8" aria-hidden="true""#, [:],
        [.path(line, [(0, 4), (22, 4)])])
    }
  }

  /// A chart over some values.
  ///
  /// - Parameters:
  ///   - log: whether a side is logarithmic; nil to decide by its values.
  init(
    x: [Double], y: [Double], xLog: Bool? = false, yLog: Bool? = nil, withZero: Bool = false,
    xPadded: Bool = false, height: Double = usualHeight
  ) {
    self.height = height
    self.x = Scale(
      x, isLogarithmic: xLog, from: Self.left, to: Self.width - Self.right, padded: xPadded)
    self.y = Scale(
      y, isLogarithmic: yLog, from: height - Self.bottom, to: Self.top, withZero: withZero,
      padded: true)
  }

  mutating func line(_ points: [(x: Double, y: Double)], _ look: Look) {
    let all = points.filter { $0.x.isFinite && !$0.y.isNaN }.map { (x.at($0.x), y.at($0.y)) }
    guard all.count > 1 else { return dots(points, look) }
    shapes.append(.path(look.line, all))
  }

  mutating func dots(_ points: [(x: Double, y: Double)], _ look: Look) {
    for point in points where point.x.isFinite && !point.y.isNaN {
      shapes.append(.shape("circle", look.dot, ["cx": x.at(point.x), "cy": y.at(point.y)]))
    }
  }

  /// The space between two lines.
  mutating func band(
    _ xs: [Double], _ low: [Double], _ high: [Double], _ look: Look
  ) {
    let up = zip(xs, high).map { (x.at($0), y.at($1)) }
    let down = zip(xs, low).map { (x.at($0), y.at($1)) }.reversed()
    guard up.count > 1 else { return }
    shapes.append(.path(look.area, up + down, isClosed: true))
  }

  /// A line across at a height, or from the bottom to the top at a place.
  mutating func level(y value: Double, _ look: Look) {
    let at = y.at(value)
    shapes.append(.path(look.line, [(Self.left, at), (Self.width - Self.right, at)]))
  }

  mutating func level(x value: Double, _ look: Look) {
    let at = x.at(value)
    shapes.append(.path(look.line, [(at, Self.top), (at, height - Self.bottom)]))
  }

  /// A cross, for a value that ran away.
  mutating func cross(x value: Double, _ look: Look) {
    let (a, b) = (x.at(value), Self.top + 5)
    shapes.append(.path(look.line, [(a - 4, b - 4), (a + 4, b + 4)]))
    shapes.append(.path(look.line, [(a - 4, b + 4), (a + 4, b - 4)]))
  }

  /// The whole image.
  func image(title: String, about: String, xTitle: String) -> Markup {
    var all = frame(xTitle)
    all += shapes
    return Self.image(height: height, title: title, about: about, all)
  }

  /// An image around shapes.
  static func image(
    height: Double, title: String, about: String, _ shapes: [Markup]
  ) -> Markup {
    .image(
      width: width, height: height,
      [.element("title", title), .element("desc", about)] + shapes)
  }

  private func frame(_ xTitle: String) -> [Markup] {
    let (floor, end) = (height - Self.bottom, Self.width - Self.right)
    var all: [Markup] = []
    for tick in y.ticks(4) {
      let at = y.at(tick)
      all.append(
        .path(
          #"class="grid" fill="none" stroke="currentColor" stroke-opacity=".15""#,
          [(Self.left, at), (end, at)]))
      all.append(Self.label(Self.tick(tick), x: Self.left - 5, y: at + 4, .end))
    }
    var last = -Double.infinity
    for tick in x.ticks(5) {
      let at = x.at(tick)
      let text = Self.tick(tick)
      let half = Double(text.count) * 3.5
      guard at - half > last, at + half <= Self.width else { continue }
      last = at + half + 4
      all.append(
        .path(
          #"class="grid" fill="none" stroke="currentColor" stroke-opacity=".4""#,
          [(at, floor), (at, floor + 4)]))
      all.append(Self.label(text, x: at, y: floor + 15, .middle))
    }
    all.append(
      .path(
        #"class="axis" fill="none" stroke="currentColor" stroke-opacity=".5""#,
        [(Self.left, Self.top), (Self.left, floor), (end, floor)]))
    all.append(Self.label(xTitle, x: (Self.left + end) / 2, y: height - 4, .middle))
    return all
  }

  /// Where a label is anchored.
  enum Anchor { case start, middle, end }

  static func label(
    _ text: String, x: Double, y: Double, _ anchor: Anchor, isStrong: Bool = false
  ) -> Markup {
    let attributes: StaticString =
      switch (anchor, isStrong) {
      case (.start, false): #"class="label" fill="currentColor" font-size="11""#
      case (.start, true): #"class="label strong" fill="currentColor" font-size="11""#
      case (.middle, _): #"class="label" fill="currentColor" font-size="11" text-anchor="middle""#
      case (.end, _): #"class="label" fill="currentColor" font-size="11" text-anchor="end""#
      }
    return .shape("text", attributes, ["x": x, "y": y], [.text(text)])
  }

  /// The dot in a legend.
  static let dotSwatch = Markup.shape(
    "svg", #"width="12" height="10" aria-hidden="true""#, [:],
    [.shape("circle", Look.second.dot, ["cx": 6, "cy": 5])])

  /// The cross in a legend.
  static let crossSwatch = Markup.shape(
    "svg", #"width="12" height="10" aria-hidden="true""#, [:],
    [.path(Look.first.line, [(2, 1), (10, 9)]), .path(Look.first.line, [(2, 9), (10, 1)])])

  /// A number at a side.
  static func tick(_ value: Double) -> String {
    let size = abs(value)
    guard size >= 1e-300 else { return "0" }
    var text = Wording.rounded(value)
    if size >= 1e5 || size < 1e-3 {
      let power = log10(size * (1 + 1e-9)).rounded(.down)
      text = "\(Wording.rounded(value / pow(10, power)))e\(Int(power))"
    }
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// A name that has room for so many letters: of a long one the middle is left out.
  static func short(_ name: String, _ letters: Int) -> String {
    guard name.count > letters, letters > 3 else { return name }
    let end = (letters - 1) * 2 / 3
    return "\(name.prefix(letters - 1 - end))…\(name.suffix(end))"
  }
}
