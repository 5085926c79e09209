import Tensors

/// An operator that joins two operands element by element, under NumPy's broadcasting.
protocol Combine: Operator, Kernel {
  /// What a parameter is as an operand.
  static var role: ParameterRole.Kind { get }
}

extension Combine {
  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let a = try inputs.required(0).shape
    let b = try inputs.required(1).shape
    guard let common = Broadcast(a, b) else {
      throw .shapes(found: "\(a) and \(b)", expected: "shapes that broadcast")
    }
    return [common.shape]
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    inputs.map { input in
      guard let input, !input.batched else { return nil }
      return ParameterRole(Self.role, unitAxis: max(0, input.shape.rank - 1))
    }
  }
}

/// `y = f(a, b)` for every pair of elements that meet.
@inline(__always)
func combine(_ a: Tensor, _ b: Tensor, into y: Tensor, _ f: (Vector, Vector) -> Vector) {
  guard let common = Broadcast(a.shape, b.shape)?.collapsed else { return }
  let width = common.shape.dims.last ?? 1
  let steps = common.innerSteps
  common.forEachRow { at, left, right in
    let (x, y, z) = (a.base + left, b.base + right, y.base + at)
    if steps.left == 1, steps.right == 1 {
      forEachVector(width) { z.store($0, f(x.vector($0), y.vector($0))) }
    } else if steps.left == 1 {
      let repeated = Vector(repeating: y.pointee)
      forEachVector(width) { z.store($0, f(x.vector($0), repeated)) }
    } else {
      let repeated = Vector(repeating: x.pointee)
      if steps.right == 1 {
        forEachVector(width) { z.store($0, f(repeated, y.vector($0))) }
      } else {
        let value = f(repeated, Vector(repeating: y.pointee))
        forEachVector(width) { z.store($0, value) }
      }
    }
  }
}
