import Tensors

/// Runs the plan of an Einsum; operands that do not lie right are copied into memory of its own.
final class EinsumKernel: Kernel {
  typealias Floats = UnsafeMutablePointer<Float>
  private let plan: EinsumPlan
  /// For each side its matrices, and its elements before they are summed; then the products.
  private let workspace: Workspace
  /// The same for the gradients, once they are asked for.
  private var slopes: Workspace?

  init(_ plan: EinsumPlan) throws(OperatorError) {
    self.plan = plan
    workspace = try Self.memory(plan)
  }

  private static func memory(_ plan: EinsumPlan) throws(OperatorError) -> Workspace {
    try Workspace(
      dims: plan.sides.flatMap { side in
        [[side.isPlain ? 0 : side.count], [side.summed == 1 ? 0 : side.walk.count]]
      } + [[plan.sides.count == 2 && !plan.results.isPlain ? plan.results.count : 0]])
  }

  /// The operand of a side.
  private func operand(_ side: Int) -> Int { plan.isSwapped ? 1 - side : side }

  func forward(_ node: Forward) throws(OperatorError) {
    var matrices: [Floats] = []
    for (index, side) in plan.sides.enumerated() {
      guard let x = node.inputs.optional(operand(index)) else { return }
      matrices.append(matrix(x.base, index, side))
    }
    let y = node.outputs[0].base
    guard matrices.count == 2 else {
      plan.results.read(matrices[0], into: y)
      return
    }
    let products = plan.results.isPlain ? y : workspace[2 * plan.sides.count]
    for i in 0..<plan.batch {
      try product(left(matrices[0], i), right(matrices[1], i), into: result(products, i))
    }
    if !plan.results.isPlain { plan.results.read(products, into: y) }
  }

  /// The matrices of a side: the operand itself, or a copy in order.
  private func matrix(_ x: Floats, _ index: Int, _ side: EinsumPlan.Side) -> Floats {
    if side.isPlain { return x }
    let to = workspace[2 * index]
    guard side.summed != 1 else {
      side.walk.read(x, into: to)
      return to
    }
    let terms = workspace[2 * index + 1]
    side.walk.read(x, into: terms)
    for i in 0..<side.count { to[i] = sum(terms + i * side.summed, side.summed) { $0 } }
    return to
  }

  func backward(_ node: Backward) throws(OperatorError) {
    guard node.inputGradients.contains(where: { $0 != nil }) else { return }
    let slopes = try gradients()
    let dy = node.outputGradients[0].base
    if plan.sides.count == 1 {
      guard let dx = node.inputGradients.optional(0), let side = plan.sides.first else { return }
      let to = side.isPlain ? dx.base : slopes[0]
      plan.results.write(dy, into: to)
      finish(to, into: dx, side, slopes, 0)
      return
    }
    let products = plan.results.isPlain ? dy : slopes[2 * plan.sides.count]
    if !plan.results.isPlain { plan.results.write(dy, into: products) }
    var matrices: [Floats] = []
    for (index, side) in plan.sides.enumerated() {
      guard let x = node.inputs.optional(operand(index)) else { return }
      matrices.append(side.isPlain ? x.base : workspace[2 * index])
    }
    for (index, side) in plan.sides.enumerated() {
      guard let dx = node.inputGradients.optional(operand(index)) else { continue }
      let to = side.isPlain ? dx.base : slopes[2 * index]
      for i in 0..<plan.batch {
        let slope = result(products, i)
        if index == 0 {
          // Y = A·B: dA = dY·Bᵀ; what is stored transposed is written as dAᵀ = B·dYᵀ.
          let (other, target) = (right(matrices[1], i), left(to, i))
          if side.isTurned {
            try product(other, slope.t, into: target.t)
          } else {
            try product(slope, other.t, into: target)
          }
        } else {
          // dB = Aᵀ·dY; the right factor is stored as it is read when it is transposed.
          let (other, target) = (left(matrices[0], i), right(to, i))
          if side.isTurned {
            try product(other.t, slope, into: target)
          } else {
            try product(slope.t, other, into: target.t)
          }
        }
      }
      finish(to, into: dx, side, slopes, index)
    }
  }

  /// The memory of the gradients, made when they are first asked for.
  private func gradients() throws(OperatorError) -> Workspace {
    if let slopes { return slopes }
    let made = try Self.memory(plan)
    slopes = made
    return made
  }

  /// Brings the gradient of a side's matrices back to the operand.
  private func finish(
    _ from: Floats, into dx: Tensor, _ side: EinsumPlan.Side, _ slopes: Workspace, _ index: Int
  ) {
    if side.isPlain { return }
    // A diagonal leaves the rest of its operand without a gradient.
    if side.walk.count < dx.count { dx.fill(0) }
    guard side.summed != 1 else { return side.walk.write(from, into: dx.base) }
    let terms = slopes[2 * index + 1]
    for i in 0..<side.count {
      (terms + i * side.summed).update(repeating: from[i], count: side.summed)
    }
    side.walk.write(terms, into: dx.base)
  }

  private func left(_ base: Floats, _ index: Int) -> Matrix {
    let at = base + index * plan.rows * plan.depth
    return plan.sides[0].isTurned
      ? Matrix(at, rows: plan.depth, columns: plan.rows, transposed: true)
      : Matrix(at, rows: plan.rows, columns: plan.depth)
  }

  private func right(_ base: Floats, _ index: Int) -> Matrix {
    let at = base + index * plan.columns * plan.depth
    // Turned means contracted axes first, which is how a right factor is read.
    return plan.sides[1].isTurned
      ? Matrix(at, rows: plan.depth, columns: plan.columns)
      : Matrix(at, rows: plan.columns, columns: plan.depth, transposed: true)
  }

  private func result(_ base: Floats, _ index: Int) -> Matrix {
    Matrix(base + index * plan.rows * plan.columns, rows: plan.rows, columns: plan.columns)
  }
}
