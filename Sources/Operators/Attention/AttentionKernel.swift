import Tensors

/// Runs attention head by head. The way back computes the scores again from the largest one and the
/// sum of each row: the memory of all scores would be larger than all else in a network.
final class AttentionKernel: Kernel {
  typealias Floats = UnsafeMutablePointer<Float>
  private let plan: AttentionPlan
  /// For every query of every head the largest score, and 1 / the sum of the exponentials.
  private let tops: Floats
  private let shares: Floats
  /// Of one head: scores, bounded scores before the mask, and operands whose rows lie apart.
  private let scores: Floats
  private let bounded: Floats
  private let rows: [Floats]
  private let workspace: Workspace
  private var slopes: Workspace?

  init(_ plan: AttentionPlan) throws(OperatorError) {
    self.plan = plan
    let square = [plan.query.rows, plan.key.rows]
    workspace = try Workspace(
      dims: [
        [plan.batch, plan.query.count, plan.query.rows],
        [plan.batch, plan.query.count, plan.query.rows], square, plan.cap > 0 ? square : [0],
      ] + Self.operands(plan))
    (tops, shares, scores, bounded) = (workspace[0], workspace[1], workspace[2], workspace[3])
    rows = (4..<8).map { [workspace] in workspace[$0] }
  }

  /// Room for one head of Q, K, V and Y, where its rows lie apart.
  private static func operands(_ plan: AttentionPlan) -> [[Int]] {
    [plan.query, plan.key, plan.value, plan.result].map { $0.isPlain ? [0] : [$0.rows, $0.width] }
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let q = node.inputs.optional(0), let k = node.inputs.optional(1),
      let v = node.inputs.optional(2)
    else { return }
    let y = node.outputs[0].base
    for sample in 0..<plan.batch {
      for head in 0..<plan.query.count {
        let group = head / plan.shared
        let keys = read(k.base, plan.key, sample, group, into: rows[1])
        let values = read(v.base, plan.value, sample, group, into: rows[2])
        let queries = read(q.base, plan.query, sample, head, into: rows[0])
        try score(queries, keys, node.inputs.optional(3), sample, head)
        normalise(sample, head)
        let start = y + plan.result.start(sample, head)
        let to = plan.result.isPlain ? start : rows[3]
        try product(square(scores), matrix(values, plan.value), into: matrix(to, plan.result))
        if !plan.result.isPlain { write(to, to: start, plan.result, adding: false) }
      }
    }
  }

  /// Writes the scores of a head with bound and mask.
  private func score(
    _ q: Floats, _ k: Floats, _ mask: Tensor?, _ sample: Int, _ head: Int
  ) throws(OperatorError) {
    let (count, width) = (plan.query.rows, plan.key.rows)
    try product(
      matrix(q, plan.query), matrix(k, plan.key).t, into: square(scores), alpha: plan.scale)
    if plan.cap > 0 {
      forEachVector(count * width) {
        let value = tanh(scores.vector($0) / plan.cap) * plan.cap
        bounded.store($0, value)
        scores.store($0, value)
      }
    }
    for row in 0..<count {
      let line = scores + row * width
      if let mask, let layout = plan.mask {
        let from = mask.base + place(layout.steps, sample, head, row)
        forEachVector(layout.keys) { line.store($0, line.vector($0) + from.vector($0)) }
        (line + layout.keys).update(repeating: -.infinity, count: width - layout.keys)
      }
      if plan.isCausal && row + 1 < width {
        (line + row + 1).update(repeating: -.infinity, count: width - row - 1)
      }
    }
  }

  private func place(_ steps: [Int], _ sample: Int, _ head: Int, _ row: Int) -> Int {
    sample * steps[0] + head * steps[1] + row * steps[2]
  }

  /// Turns scores into probabilities, and keeps what that took.
  private func normalise(_ sample: Int, _ head: Int) {
    let width = plan.key.rows
    let first = (sample * plan.query.count + head) * plan.query.rows
    for row in 0..<plan.query.rows {
      let line = scores + row * width
      let top = largest(line, width)
      let shift = top == -.infinity ? 0 : top
      let sum = exponentials(line, minus: shift, into: line, width)
      let share = sum == 0 ? 0 : 1 / sum
      forEachVector(width) { line.store($0, line.vector($0) * share) }
      tops[first + row] = shift
      shares[first + row] = share
    }
  }

  /// The same from what was kept.
  private func repeatNormalise(_ sample: Int, _ head: Int) {
    let width = plan.key.rows
    let first = (sample * plan.query.count + head) * plan.query.rows
    for row in 0..<plan.query.rows {
      let line = scores + row * width
      let (top, share) = (tops[first + row], shares[first + row])
      forEachVector(width) { line.store($0, exp(line.vector($0) - top) * share) }
    }
  }

  func backward(_ node: Backward) throws(OperatorError) {
    guard let q = node.inputs.optional(0), let k = node.inputs.optional(1),
      let v = node.inputs.optional(2)
    else { return }
    let (dq, dk, dv) = (
      node.inputGradients.optional(0), node.inputGradients.optional(1),
      node.inputGradients.optional(2)
    )
    let dMask = node.inputGradients.optional(3)
    dMask?.fill(0)
    let slopes = try gradients()
    let square = self.square(slopes[0])
    for sample in 0..<plan.batch {
      for head in 0..<plan.query.count {
        let (group, first) = (head / plan.shared, head % plan.shared == 0)
        let keys = read(k.base, plan.key, sample, group, into: rows[1])
        let values = read(v.base, plan.value, sample, group, into: rows[2])
        let queries = read(q.base, plan.query, sample, head, into: rows[0])
        let dy = read(node.outputGradients[0].base, plan.result, sample, head, into: rows[3])
        try score(queries, keys, node.inputs.optional(3), sample, head)
        repeatNormalise(sample, head)
        try give(dv, plan.value, sample, group, slopes[3], adding: !first) {
          to throws(OperatorError) in
          try product(self.square(scores).t, matrix(dy, plan.result), into: to)
        }
        try product(matrix(dy, plan.result), matrix(values, plan.value).t, into: square)
        unsoften(slopes[0])
        if let dMask { addMask(slopes[0], to: dMask, sample, head) }
        if plan.cap > 0 { uncap(slopes[0]) }
        try give(dq, plan.query, sample, head, slopes[1], adding: false) {
          to throws(OperatorError) in
          try product(square, matrix(keys, plan.key), into: to, alpha: plan.scale)
        }
        try give(dk, plan.key, sample, group, slopes[2], adding: !first) {
          to throws(OperatorError) in
          try product(square.t, matrix(queries, plan.query), into: to, alpha: plan.scale)
        }
      }
    }
  }

  private func gradients() throws(OperatorError) -> Workspace {
    if let slopes { return slopes }
    let made = try Workspace(
      dims: [[plan.query.rows, plan.key.rows]]
        + [plan.query, plan.key, plan.value].map { [$0.rows, $0.width] })
    slopes = made
    return made
  }

  /// dS = P · (dP − Σ P · dP), line by line.
  private func unsoften(_ slopes: Floats) {
    let width = plan.key.rows
    for row in 0..<plan.query.rows {
      let (p, d) = (scores + row * width, slopes + row * width)
      var products = Vector.zero
      forEachVector(width) { products += p.vector($0) * d.vector($0) }
      let sum = products.total
      forEachVector(width) { d.store($0, p.vector($0) * (d.vector($0) - sum)) }
    }
  }

  /// The slope of cap · tanh(s / cap).
  private func uncap(_ slopes: Floats) {
    forEachVector(plan.query.rows * plan.key.rows) {
      let height = bounded.vector($0) / plan.cap
      slopes.store($0, slopes.vector($0) * (1 - height * height))
    }
  }

  private func addMask(_ slopes: Floats, to mask: Tensor, _ sample: Int, _ head: Int) {
    guard let layout = plan.mask else { return }
    for row in 0..<plan.query.rows {
      let to = mask.base + place(layout.steps, sample, head, row)
      let from = slopes + row * plan.key.rows
      forEachVector(layout.keys) { to.store($0, to.vector($0) + from.vector($0)) }
    }
  }

  /// Has a gradient of one head made, and brings it where it belongs.
  private func give(
    _ gradient: Tensor?, _ heads: AttentionPlan.Heads, _ sample: Int, _ head: Int, _ room: Floats,
    adding: Bool, _ make: (Matrix) throws(OperatorError) -> Void
  ) throws(OperatorError) {
    guard let gradient else { return }
    let to = gradient.base + heads.start(sample, head)
    let direct = heads.isPlain && !adding
    try make(matrix(direct ? to : room, heads))
    if !direct { write(room, to: to, heads, adding: adding) }
  }

  /// A head's rows in one piece.
  private func read(
    _ base: Floats, _ heads: AttentionPlan.Heads, _ sample: Int, _ head: Int, into room: Floats
  ) -> Floats {
    let from = base + heads.start(sample, head)
    if heads.isPlain { return from }
    for row in 0..<heads.rows {
      (room + row * heads.width).update(from: from + row * heads.step, count: heads.width)
    }
    return room
  }

  /// The other way.
  private func write(_ from: Floats, to: Floats, _ heads: AttentionPlan.Heads, adding: Bool) {
    for row in 0..<heads.rows {
      let (source, target) = (from + row * heads.width, to + row * heads.step)
      if adding {
        forEachVector(heads.width) { target.store($0, target.vector($0) + source.vector($0)) }
      } else {
        target.update(from: source, count: heads.width)
      }
    }
  }

  private func square(_ base: Floats) -> Matrix {
    Matrix(base, rows: plan.query.rows, columns: plan.key.rows)
  }

  private func matrix(_ base: Floats, _ heads: AttentionPlan.Heads) -> Matrix {
    Matrix(base, rows: heads.rows, columns: heads.width)
  }
}
