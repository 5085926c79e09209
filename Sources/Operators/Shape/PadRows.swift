/// The walk over a padded tensor: axes behind the last padded one are one block, the last padded
/// axis is a row of blocks, and the axes before it say which row of the input a row is made of.
struct PadRows: Sendable {
  private let leading: [PadAxis]
  let row: PadAxis
  let block: Int

  init(_ axes: [PadAxis]) {
    let last = max(0, axes.lastIndex { !$0.isPlain } ?? 0)
    leading = Array(axes.prefix(last))
    row = axes.isEmpty ? PadAxis.single : axes[last]
    block = axes.dropFirst(last + 1).reduce(1) { $0 * $1.source }
  }

  /// Calls `body` for every piece of the output: its first element, that of the input (−1 for the
  /// constant), and how many elements are alike in order.
  func forEachPiece(_ body: (_ output: Int, _ source: Int, _ count: Int) -> Void) {
    guard block > 0 else { return }
    walk(0, 0, 0, body)
  }

  private func walk(
    _ axis: Int, _ output: Int, _ source: Int, _ body: (Int, Int, Int) -> Void
  ) {
    guard axis < leading.count else { return pieces(output, source, body) }
    let current = leading[axis]
    for o in 0..<current.output {
      let element = source < 0 ? -1 : current.element(o)
      walk(
        axis + 1, output * current.output + o,
        element < 0 ? -1 : source * current.source + element, body)
    }
  }

  /// The pieces of one row.
  private func pieces(_ output: Int, _ source: Int, _ body: (Int, Int, Int) -> Void) {
    let to = output * row.output
    guard source >= 0 else { return body(to * block, -1, row.output * block) }
    let from = source * row.source
    let middle = row.middle
    func single(_ o: Int) {
      let element = row.element(o)
      body((to + o) * block, element < 0 ? -1 : (from + element) * block, block)
    }
    for o in 0..<middle.lowerBound { single(o) }
    if !middle.isEmpty {
      body(
        (to + middle.lowerBound) * block, (from + row.element(middle.lowerBound)) * block,
        middle.count * block)
    }
    for o in middle.upperBound..<row.output { single(o) }
  }
}
