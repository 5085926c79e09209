import Diagnosis

/// A chart of rows with a name each, and marks along one scale.
struct RowsChart {
  private static let (right, top, foot) = (16.0, 4.0, 20.0)
  /// Letters of a name beside its row, and above it.
  private static let (beside, above) = (14, 44)

  let scale: Scale
  private let rowHeight: Double
  /// Above the marks of a row: room for its name.
  private let lead: Double
  private let count: Int
  private var shapes: [Markup] = []

  /// - Parameter isStacked: whether names stand above their rows: long ones have room there.
  init(
    _ names: [String], isStacked: Bool = false, _ scale: (_ from: Double, _ to: Double) -> Scale
  ) {
    let left = isStacked ? 12.0 : 118
    self.scale = scale(left, Chart.width - Self.right)
    count = names.count
    lead = isStacked ? 15 : 0
    rowHeight = lead + (count > 14 ? 15 : 20)
    for (row, name) in names.enumerated() {
      shapes.append(
        isStacked
          ? Chart.label(
            Chart.short(name, Self.above), x: left, y: middle(row) - 11, .start)
          : Chart.label(Chart.short(name, Self.beside), x: left - 8, y: middle(row) + 4, .end))
    }
    axis()
  }

  private var floor: Double { Self.top + Double(count) * rowHeight }
  private var height: Double { floor + Self.foot }
  private func middle(_ row: Int) -> Double {
    Self.top + Double(row) * rowHeight + lead + (rowHeight - lead) / 2
  }

  private mutating func axis() {
    var last = -Double.infinity
    for tick in scale.ticks(5) {
      let at = scale.at(tick)
      shapes.append(
        .path(
          #"class="grid" fill="none" stroke="currentColor" stroke-opacity=".15""#,
          [(at, Self.top), (at, floor)]))
      let text = Chart.tick(tick)
      let half = Double(text.count) * 3.5
      guard at - half > last, at + half <= Chart.width else { continue }
      last = at + half + 4
      shapes.append(Chart.label(text, x: at, y: floor + 14, .middle))
    }
  }

  /// A bar between two values, of a share of the row's height.
  mutating func bar(
    _ row: Int, _ from: Double, _ to: Double, _ look: Chart.Look, at part: ClosedRange<Double>
  ) {
    let (a, b) = (scale.at(from), scale.at(to))
    let top = Self.top + (Double(row) + part.lowerBound) * rowHeight
    let bottom = Self.top + (Double(row) + part.upperBound) * rowHeight
    let (left, right) = (min(a, b), max(a, b))
    let end = max(right, left + 1.5)
    shapes.append(
      .path(look.fill, [(left, top), (end, top), (end, bottom), (left, bottom)], isClosed: true))
  }

  mutating func line(_ row: Int, _ from: Double, _ to: Double, _ look: Chart.Look) {
    shapes.append(
      .path(look.line, [(scale.at(from), middle(row)), (scale.at(to), middle(row))]))
  }

  mutating func dot(_ row: Int, _ value: Double, _ look: Chart.Look) {
    guard !value.isNaN else { return }
    shapes.append(.shape("circle", look.dot, ["cx": scale.at(value), "cy": middle(row)]))
  }

  func image(title: String, about: String) -> Markup {
    Chart.image(height: height, title: title, about: about, shapes)
  }
}

extension Chart.Look {
  /// A filled shape.
  var fill: StaticString {
    switch self {
    case .first: #"class="c1 area" fill="currentColor" fill-opacity=".8" stroke="none""#
    case .second: #"class="c2 area" fill="currentColor" fill-opacity=".8" stroke="none""#
    default: #"class="c3 area" fill="currentColor" fill-opacity=".8" stroke="none""#
    }
  }

  /// A filled box in a legend.
  var box: Markup {
    .shape(
      "svg", #"width="12" height="10" aria-hidden="true""#, [:],
      [.path(fill, [(0, 1), (12, 1), (12, 9), (0, 9)], isClosed: true)])
  }
}
