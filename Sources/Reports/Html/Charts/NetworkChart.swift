import Diagnosis

/// The network from the data to the loss: what computes from what, where findings are, and where the
/// signal or the gradient ends; beside each layer its figures.
struct NetworkChart {
  /// A layer that is drawn, with what is to be marked at it.
  struct Row {
    let layer: Plots.Layer
    /// The places of its causes in the report, from 1.
    var causes: [Int] = []
    /// The worst finding that follows from others.
    var worst: Severity?
    /// Whether every sample looks the same from here on, or no gradient comes back.
    var endsSignal = false
    var endsGradient = false
  }

  static let (rowHeight, top, spine) = (22.0, 26.0, 30.0)
  private static let letters = 18

  let rows: [Row]
  private var shapes: [Markup] = []

  /// - Returns: nil where no layers are known.
  init?(_ report: Report) {
    guard let layers = report.plots?.layers, layers.count > 1 else { return nil }
    rows = Self.rows(layers, report)
    edges()
    for index in rows.indices { node(index) }
    LayerStrip(rows).draw(into: &shapes)
  }

  /// A variation below is none.
  private static let nothing = 1e-6

  private static func rows(_ layers: [Plots.Layer], _ report: Report) -> [Row] {
    let findings = Dictionary(
      report.findings.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let causes = Dictionary(
      report.causes.enumerated().map { ($1, $0 + 1) }, uniquingKeysWith: { first, _ in first })
    var rows = layers.map { layer in
      Row(
        layer: layer, causes: layer.findings.compactMap { causes[$0] }.sorted(),
        worst: layer.findings.filter { causes[$0] == nil }.compactMap { findings[$0]?.severity }
          .filter { $0 > .note }.max())
    }
    for (index, layer) in layers.enumerated() {
      let sources = layer.inputs.filter(layers.indices.contains)
      let varied = sources.contains { (layers[$0].variation ?? 0) > nothing }
      rows[index].endsSignal = varied && (layer.variation.map { $0 <= nothing } ?? false)
      // A gradient arrives at what computes from it, and none goes on.
      if (layer.gradient ?? 0) > 0 || layer.kind == .loss {
        for source in sources where layers[source].gradient == 0 {
          rows[source].endsGradient = true
        }
      }
    }
    return rows
  }

  private func middle(_ row: Int) -> Double { Self.top + (Double(row) + 0.5) * Self.rowHeight }

  // MARK: drawing

  private mutating func edges() {
    for (index, row) in rows.enumerated() {
      for source in row.layer.inputs where rows.indices.contains(source) {
        let isSilent = rows[source].layer.variation.map { $0 <= Self.nothing } ?? false
        let look: StaticString =
          isSilent
          ? #"class="edge silent" fill="none" stroke="currentColor" stroke-dasharray="2 3""#
          : #"class="edge" fill="none" stroke="currentColor""#
        shapes.append(.path(look, way(source, index)))
      }
    }
  }

  /// Straight down to the next one, and around those between.
  private func way(_ from: Int, _ to: Int) -> [(x: Double, y: Double)] {
    let (x, a, b) = (Self.spine, middle(from), middle(to))
    guard to - from > 1 else { return [(x, a), (x, b)] }
    let aside = x - min(24, 9 + 2.5 * Double(to - from))
    return [(x, a), (aside, a + 8), (aside, b - 8), (x, b)]
  }

  private mutating func node(_ index: Int) {
    let row = rows[index]
    let (x, y) = (Self.spine, middle(index))
    let look: StaticString =
      row.causes.isEmpty
      ? (row.worst == .error
        ? #"class="node error" fill="none" stroke="currentColor" stroke-width="2" r="5""#
        : row.worst == .warning
          ? #"class="node warning" fill="none" stroke="currentColor" stroke-width="2" r="5""#
          : #"class="node" fill="none" stroke="currentColor" stroke-width="1.5" r="4""#)
      : #"class="node cause" fill="currentColor" stroke="none" r="8""#
    shapes.append(.shape("circle", look, ["cx": x, "cy": y]))
    if let first = row.causes.first {
      shapes.append(
        .shape(
          "text",
          #"class="rank" fill="white" font-size="10" font-weight="bold" text-anchor="middle""#,
          ["x": x, "y": y + 3.5], [.text("\(first)")]))
    }
    if row.endsSignal {
      shapes.append(
        .path(
          #"class="cut" fill="none" stroke="currentColor" stroke-width="3""#,
          [(x - 8, y + 9.5), (x + 8, y + 9.5)]))
    }
    label(row, x: x + 13, y: y + 4)
  }

  /// The name, with what it computes where there is room.
  private mutating func label(_ row: Row, x: Double, y: Double) {
    let name = Chart.short(row.layer.name, Self.letters)
    let hasRoom = name.count + row.layer.text.count < Self.letters
    let more = Markup.shape("tspan", #"class="quiet""#, [:], [.text(" " + row.layer.text)])
    let look: StaticString =
      row.causes.isEmpty
      ? #"class="label" fill="currentColor" font-size="11""#
      : #"class="label strong" fill="currentColor" font-size="11""#
    shapes.append(
      .shape("text", look, ["x": x, "y": y], [.text(name)] + (hasRoom ? [more] : [])))
  }

  // MARK: the figure

  private var height: Double { Self.top + Double(rows.count) * Self.rowHeight + 4 }

  var figure: Figure {
    var legend: [(Markup, String)] = []
    if rows.contains(where: { !$0.causes.isEmpty }) {
      legend.append(
        (
          Self.swatch(#"class="node cause" fill="currentColor" stroke="none" r="5""#),
          "a cause, by its number"
        ))
    }
    if rows.contains(where: { $0.worst != nil && $0.causes.isEmpty }) {
      legend.append(
        (
          Self.swatch(
            #"class="node error" fill="none" stroke="currentColor" stroke-width="2" r="4""#),
          "what follows from it"
        ))
    }
    if rows.contains(where: \.endsSignal) {
      legend.append(
        (
          .shape(
            "svg", #"width="22" height="8" aria-hidden="true""#, [:],
            [
              .path(
                #"class="cut" fill="none" stroke="currentColor" stroke-width="3""#,
                [(2, 4), (20, 4)])
            ]),
          "here the signal ends: the same for every sample"
        ))
    }
    if rows.contains(where: { $0.layer.moved != nil }) {
      legend.append((.all([]), "moved: by the training, as a share of the weights"))
    }
    return Figure(
      title: "The network.", about: about,
      image: Chart.image(
        height: height, title: "The network from data to loss", about: about, shapes),
      legend: legend,
      table: (
        ["layer", "computes", "units", "alive", "gradient", "moved"],
        rows.map { row in
          let layer = row.layer
          return [
            layer.name, layer.text, layer.units > 0 ? "\(layer.units)" : "",
            layer.alive.map { Wording.percent($0) } ?? "",
            layer.gradient.map(Wording.number) ?? "", layer.moved.map(Wording.number) ?? "",
          ]
        }
      ))
  }

  private static func swatch(_ look: StaticString) -> Markup {
    .shape(
      "svg", #"width="12" height="12" aria-hidden="true""#, [:],
      [.shape("circle", look, ["cx": 6, "cy": 6])])
  }

  /// Where it breaks, in words.
  private var about: String {
    func names(_ some: [Row]) -> String {
      let names = some.prefix(3).map(\.layer.name).joined(separator: ", ")
      return names + (some.count > 3 ? ", …" : "")
    }
    let (signal, gradient) = (rows.filter(\.endsSignal), rows.filter(\.endsGradient))
    var parts: [String] = []
    if let first = rows.first(where: { $0.layer.variation?.isNaN ?? false }) {
      parts.append("From \(first.layer.name) on, values are no finite numbers.")
    }
    if !signal.isEmpty { parts.append("The signal ends at \(names(signal)).") }
    if !gradient.isEmpty { parts.append("No gradient comes back to \(names(gradient)).") }
    let modules = rows.count { $0.layer.kind == .module }
    if modules > 0 { parts.append("Layers of a module are drawn together.") }
    return parts.joined(separator: " ")
  }
}
