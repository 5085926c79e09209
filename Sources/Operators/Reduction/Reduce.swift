import Tensors

/// An operator that makes one value of all elements along some axes, such as ReduceSum.
protocol Reducing: Operator {
  /// The attributes that all reductions share.
  var settings: ReduceSettings { get }
  /// Whether no elements at all have a value: a sum has, a mean has none.
  static var hasEmptyValue: Bool { get }
}

/// A reduction that looks at each line for itself: a file gives the value of a line and its slope.
protocol Reduce: Reducing {
  /// The result of a line.
  func value(_ x: UnsafeMutablePointer<Float>, _ count: Int) -> Float
  /// Writes the gradient of a line from its values, its result and the result's gradient.
  func slopes(
    _ x: UnsafeMutablePointer<Float>, _ y: Float, _ dy: Float,
    into dx: UnsafeMutablePointer<Float>, _ count: Int)
}

/// The attributes of a reduction.
struct ReduceSettings {
  static let attributes = [
    AttributeInfo("axes", default: "input 1, or all", "older form: the axes that are reduced"),
    AttributeInfo("keepdims", default: "1", "0: the axes go; 1: they keep length 1"),
    AttributeInfo("noop_with_empty_axes", default: "0", "1: no axes means none, not all"),
  ]

  let axes: [Int]?
  let keeps: Bool
  let emptyMeansNone: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    axes = try attributes.ints("axes")
    keeps = try attributes.flag("keepdims", default: true)
    emptyMeansNone = try attributes.flag("noop_with_empty_axes", default: false)
  }

  /// The axes that are reduced, in order.
  func axes(_ inputs: [Operand?]) throws(OperatorError) -> [Int] {
    let x = try inputs.required(0).shape
    let given = try inputs.numbers(1, "the axes of a reduction") ?? axes ?? []
    if given.isEmpty { return emptyMeansNone ? [] : Array(x.dims.indices) }
    return try x.axes(given).sorted()
  }
}

extension Reducing {
  static var hasEmptyValue: Bool { true }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let x = try inputs.required(0).shape
    let axes = try settings.axes(inputs)
    if !Self.hasEmptyValue, axes.contains(where: { x[$0] == 0 }) {
      throw .shapes(found: "\(x) reduced along \(axes)", expected: "at least one element")
    }
    var dims: [Int] = []
    for axis in x.dims.indices {
      if !axes.contains(axis) { dims.append(x[axis]) } else if settings.keeps { dims.append(1) }
    }
    return [try Shape.of(dims)]
  }

  /// The axis of the input, unless it is reduced.
  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? {
    let last = output.rank > 1 ? output.rank - 1 : nil
    guard let reduced = try? settings.axes(inputs), let unit = axes.first ?? nil,
      !reduced.contains(unit)
    else { return last }
    return settings.keeps ? unit : unit - reduced.filter { $0 < unit }.count
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard let x = inputs.optional(0), x.batched, x.shape.rank > 0,
      let axes = try? settings.axes(inputs)
    else { return false }
    return !axes.contains(0)
  }
}

extension Reduce {
  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let x = try inputs.required(0).shape
    return try ReduceKernel(self, x, axes: try settings.axes(inputs))
  }
}

/// The sum of a function of `count` elements.
@inline(__always)
func sum(
  _ x: UnsafeMutablePointer<Float>, _ count: Int, _ f: (Vector) -> Vector
) -> Float {
  var sum = Vector.zero
  forEachVector(count) { lanes in
    sum += f(x.vector(lanes)).replacing(with: 0, where: .!lanes.mask)
  }
  return sum.total
}

/// Samples of a reduction: axes by input and by attribute, from the front, the middle and the end.
func reduceSamples(
  _ range: ClosedRange<Double> = -2...2, kinks: [Double] = [], empty: Bool = true
) -> [GradientSample] {
  let plain = [
    GradientSample([[3, 5]], range: range, kinks: kinks),
    GradientSample([[3, 18], [1]], range: range, kinks: kinks, constants: [1: [-1]]),
    GradientSample(
      [[3, 4, 2], [1]], attributes: ["keepdims": .int(0)], range: range, kinks: kinks,
      constants: [1: [1]]),
    GradientSample(
      [[2, 3, 2]], attributes: ["axes": .ints([0, -1])], range: range, kinks: kinks),
    GradientSample(
      [[3, 4]], attributes: ["noop_with_empty_axes": .int(1)], range: range, kinks: kinks),
    GradientSample([[0, 4], [1]], range: range, kinks: kinks, constants: [1: [1]]),
    GradientSample([[]], range: range, kinks: kinks),
  ]
  return plain + (empty ? [GradientSample([[3, 0], [1]], constants: [1: [1]])] : [])
}
