import Tensors

/// How an Einsum becomes a batch of matrix products: every operand is brought into the order
/// (batch, own, contracted) or (batch, contracted, own), and what only it has is summed on the way.
struct EinsumPlan {
  typealias Label = EinsumEquation.Label

  /// One operand on its way to a matrix.
  struct Side {
    /// From (batch, own, contracted, summed) to the operand.
    let walk: Walk
    /// Elements that become one.
    let summed: Int
    /// Elements of the matrices.
    let count: Int
    /// Whether the contracted axes stand before its own.
    let isTurned: Bool
    /// Whether the operand serves as it lies.
    var isPlain: Bool { walk.isPlain && summed == 1 }
  }

  let output: Shape
  /// One or two; the one whose own axes come last in the output stands last.
  private(set) var sides: [Side] = []
  /// Whether the sides stand for the operands in the opposite order.
  private(set) var isSwapped = false
  private(set) var batch = 1
  private(set) var rows = 1
  private(set) var columns = 1
  private(set) var depth = 1
  /// From the output to the products, laid out as (batch, rows, columns).
  private(set) var results = Walk([], steps: [])
  /// For every operand the labels of its axes, and those of the output.
  let labels: [[Label]]
  let outputLabels: [Label]

  init(_ equation: EinsumEquation, _ shapes: [Shape]) throws(OperatorError) {
    guard equation.inputs.count == shapes.count, !shapes.isEmpty else {
      throw .shapes(
        found: "\(shapes.count) operands", expected: "\(equation.inputs.count), as in the equation")
    }
    var labels: [[Label]] = []
    var lengths: [Label: Int] = [:]
    var hidden = 0
    for (term, shape) in Swift.zip(equation.inputs, shapes) {
      guard let axes = term.hidden(rank: shape.rank) else {
        throw .shapes(found: "\(shape)", expected: "as many axes as the equation has labels")
      }
      hidden = max(hidden, axes)
      let own = term.labels(hidden: axes)
      for (label, length) in Swift.zip(own, shape.dims) {
        let known = lengths[label] ?? 1
        guard known == 1 || length == 1 || known == length else {
          throw .shapes(
            found: "lengths \(known) and \(length) under one label", expected: "equal lengths")
        }
        lengths[label] = known == 1 ? length : known
      }
      for (axis, label) in own.enumerated() {
        if let other = own.firstIndex(of: label), shape[other] != shape[axis] {
          throw .shapes(found: "a diagonal of \(shape)", expected: "equal lengths along it")
        }
      }
      labels.append(own)
    }
    self.labels = labels
    if let term = equation.output {
      outputLabels = term.labels(hidden: hidden)
    } else {
      let all = labels.flatMap { $0 }
      outputLabels = Set(all).filter { label in
        if case .ellipsis = label { return true }
        return all.filter { $0 == label }.count == 1
      }.sorted { Self.precedes($0, $1) }
    }
    var dims: [Int] = []
    for label in outputLabels {
      guard let length = lengths[label] else {
        throw .shapes(found: "an output label that no operand has", expected: "one of theirs")
      }
      dims.append(length)
    }
    output = try Shape.of(dims)
    try arrange(shapes, lengths)
  }

  /// Axes of an ellipsis from the left, then letters.
  private static func precedes(_ a: Label, _ b: Label) -> Bool {
    if case .ellipsis(let i) = a, case .ellipsis(let j) = b { return i > j }
    return a < b
  }

  /// Sorts the labels into batch, own and contracted ones, and lays out the sides.
  private mutating func arrange(
    _ shapes: [Shape], _ lengths: [Label: Int]
  ) throws(OperatorError) {
    // An axis of length 1 that meets a longer one is not there.
    let present = Swift.zip(labels, shapes).map { labels, shape in
      Set(labels.indices.filter { shape[$0] == lengths[labels[$0]] }.map { labels[$0] })
    }
    isSwapped = present.count == 2 && outputLabels.last.map { !present[1].contains($0) } == true
    let order = isSwapped ? [1, 0] : Array(present.indices)
    let first = present[order[0]]
    let second = order.count == 2 ? present[order[1]] : []
    let shared = outputLabels.filter { first.contains($0) && second.contains($0) }
    let left = outputLabels.filter { first.contains($0) && !second.contains($0) }
    let right = outputLabels.filter { !first.contains($0) && second.contains($0) }
    let contracted = first.intersection(second).subtracting(outputLabels)
      .sorted { Self.precedes($0, $1) }
    func size(_ labels: [Label]) throws(OperatorError) -> Int {
      try Shape.of(labels.map { lengths[$0] ?? 1 }).count
    }
    batch = try size(shared)
    rows = try size(left)
    columns = try size(right)
    depth = try size(contracted)
    for (place, index) in order.enumerated() {
      sides.append(
        try Self.side(
          shapes[index], labels[index], present[index], lengths, batch: shared,
          own: place == 0 ? left : right, contracted: contracted, turnsFirst: place == 1))
    }
    let steps = try Shape.of((shared + left + right).map { lengths[$0] ?? 1 }).steps
    let places = Dictionary(
      Swift.zip(shared + left + right, steps), uniquingKeysWith: { first, _ in first })
    results = Walk(output.dims, steps: outputLabels.map { places[$0] ?? 0 })
  }

  private static func side(
    _ shape: Shape, _ labels: [Label], _ present: Set<Label>, _ lengths: [Label: Int],
    batch: [Label], own: [Label], contracted: [Label], turnsFirst: Bool
  ) throws(OperatorError) -> Side {
    // Steps along a diagonal are those of all its axes.
    var steps: [Label: Int] = [:]
    for (label, step) in Swift.zip(labels, shape.steps) where present.contains(label) {
      steps[label, default: 0] += step
    }
    let kept = Set(batch + own + contracted)
    let summed = present.subtracting(kept).sorted { precedes($0, $1) }
    func walk(_ labels: [Label]) -> Walk {
      Walk(labels.map { lengths[$0] ?? 1 }, steps: labels.map { steps[$0] ?? 0 })
    }
    let straight = walk(batch + own + contracted + summed)
    let transposed = walk(batch + contracted + own + summed)
    // The order that needs no copy; else the one in which the product reads in rows.
    let turns = transposed.isPlain != straight.isPlain ? transposed.isPlain : turnsFirst
    let chosen = turns ? transposed : straight
    let sum = try Shape.of(summed.map { lengths[$0] ?? 1 }).count
    return Side(
      walk: chosen, summed: sum,
      count: try Shape.of((batch + own + contracted).map { lengths[$0] ?? 1 }).count,
      isTurned: turns)
  }
}
