import Diagnosis
import Glibc

/// The figures of each layer beside its name: units alive, gradient, and how far the training moved it.
struct LayerStrip {
  private let rows: [NetworkChart.Row]
  private static let (start, step, width) = (164.0, 66.0, 60.0)

  init(_ rows: [NetworkChart.Row]) { self.rows = rows }

  private struct Column {
    let title: String
    let values: [Double?]
    let isShare: Bool
  }

  /// Columns that have something to say.
  private var columns: [Column] {
    [
      Column(title: "units alive", values: rows.map(\.layer.alive), isShare: true),
      Column(title: "gradient", values: rows.map(\.layer.gradient), isShare: false),
      Column(title: "moved", values: rows.map(\.layer.moved), isShare: false),
    ].filter { $0.values.contains { $0 != nil } }
  }

  func draw(into shapes: inout [Markup]) {
    for (number, column) in columns.enumerated() {
      let x = Self.start + Double(number) * Self.step
      shapes.append(Chart.label(column.title, x: x, y: 14, .start))
      let lengths = Self.lengths(column)
      for (row, value) in column.values.enumerated() {
        guard let value else { continue }
        let y = NetworkChart.top + Double(row) * NetworkChart.rowHeight
        let isBad = value == 0 || !value.isFinite
        let look: StaticString =
          isBad
          ? #"class="bar bad" fill="currentColor" fill-opacity=".2" stroke="none""#
          : #"class="bar" fill="currentColor" fill-opacity=".2" stroke="none""#
        let end = x + max(2, lengths[row] * Self.width)
        shapes.append(
          .path(look, [(x, y + 3), (end, y + 3), (end, y + 19), (x, y + 19)], isClosed: true))
        let text =
          column.isShare ? "\(Wording.rounded((value * 100).rounded())) %" : Wording.rounded(value)
        let paint: StaticString =
          isBad
          ? #"class="label bad" fill="currentColor" font-size="11" font-weight="bold""#
          : #"class="label" fill="currentColor" font-size="11""#
        shapes.append(.shape("text", paint, ["x": x + 4, "y": y + 15], [.text(text)]))
      }
    }
  }

  /// Lengths of bars from 0 to 1: shares as they are, sizes by their logarithm where they are far apart.
  private static func lengths(_ column: Column) -> [Double] {
    if column.isShare { return column.values.map { min(max($0 ?? 0, 0), 1) } }
    let positive = column.values.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
    guard let low = positive.min(), let high = positive.max() else {
      return column.values.map { _ in 0 }
    }
    let isLog = high / low > 20
    return column.values.map { value in
      guard let value, value > 0 else { return 0 }
      guard value.isFinite else { return 1 }
      return isLog ? 0.08 + 0.92 * log10(value / low) / log10(high / low) : value / high
    }
  }
}
