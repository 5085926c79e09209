import Tensors

/// Part of a tensor: along each named axis from a start to an end in steps, as Python slices.
struct Slice: Operator {
  static let info = OperatorInfo(
    name: "Slice", summary: "Part of a tensor, cut as Python slices.",
    formula: "y = x[start:end:step] along each axis", inputs: 1...5,
    attributes: [
      AttributeInfo("starts", default: "input 1", "older form: the first index along each axis"),
      AttributeInfo("ends", default: "input 2", "older form: the index to stop before"),
      AttributeInfo("axes", default: "input 3, or the first ones", "older form: the axes"),
    ],
    facts: [.affine, .passesIds, .forgetsInputs, .forgetsOutputs],
    samples: [
      GradientSample([[4, 5], [1], [1], [1]], constants: [1: [1], 2: [4], 3: [1]]),
      GradientSample(
        [[4, 5], [2], [2], [2], [2]],
        constants: [1: [-1, 0], 2: [-1000, 1000], 3: [-1, 0], 4: [-2, 3]]),
      GradientSample([[3, 5], [2], [2]], constants: [1: [0, -3], 2: [0x1p63, -1]]),
      GradientSample(
        [[3, 4]],
        attributes: ["starts": .ints([1]), "ends": .ints([3]), "axes": .ints([1])]),
      GradientSample([[3, 4], [1], [1], [1]], constants: [1: [3], 2: [1], 3: [1]]),
      GradientSample([[0, 4], [1], [1], [1]], constants: [1: [1], 2: [3], 3: [1]]),
    ])

  private let given: [[Int]?]

  init(_ attributes: Attributes) throws(OperatorError) {
    given = [
      nil, try attributes.ints("starts"), try attributes.ints("ends"), try attributes.ints("axes"),
    ]
    if (given[1] == nil) != (given[2] == nil) {
      throw .attribute("starts", found: "without ends or the reverse", expected: "both or neither")
    }
  }

  /// What is taken of one axis.
  private struct Cut {
    var start = 0
    var step = 1
    var length: Int
    /// Whether this is the whole axis, whatever its length.
    var isWhole = true

    /// Python's rules: negative bounds count from the end, and all are moved into the axis.
    init(_ length: Int, from start: Int, to end: Int, by step: Int) {
      func index(_ value: Int) -> Int {
        value < 0 ? value.addingReportingOverflow(length).partialValue : value
      }
      let forward = step > 0
      let bounds = forward ? 0...length : -1...max(-1, length - 1)
      let first = min(max(index(start), bounds.lowerBound), bounds.upperBound)
      // An end below −length stands before the axis even when the step is negative.
      let last = min(max(index(end), bounds.lowerBound), bounds.upperBound)
      let span = forward ? last - first : first - last
      let stride = step.magnitude
      self.start = first
      self.step = step
      self.length = span > 0 ? Int((UInt(span) + (stride - 1)) / stride) : 0
      if self.length < 2 { self.step = 1 }
      isWhole = start == 0 && step == 1 && end >= Int(Int32.max)
    }

    init(all length: Int) { self.length = length }
  }

  private func cuts(_ inputs: [Operand?]) throws(OperatorError) -> [Cut] {
    let x = try inputs.required(0).shape
    func list(_ index: Int, _ what: String) throws(OperatorError) -> [Int]? {
      try inputs.numbers(index, "the \(what) of a Slice") ?? (index < 4 ? given[index] : nil)
    }
    guard let starts = try list(1, "starts"), let ends = try list(2, "ends") else {
      throw .shapes(found: "no starts or no ends", expected: "both")
    }
    let axes = try x.axes(try list(3, "axes") ?? Array(0..<starts.count))
    let steps = try list(4, "steps") ?? [Int](repeating: 1, count: starts.count)
    guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
      !steps.contains(0)
    else {
      throw .shapes(
        found: "starts \(starts), ends \(ends), axes \(axes), steps \(steps)",
        expected: "one of each an axis, and no step of 0")
    }
    var cuts = x.dims.map { Cut(all: $0) }
    for (i, axis) in axes.enumerated() {
      cuts[axis] = Cut(x[axis], from: starts[i], to: ends[i], by: steps[i])
    }
    return cuts
  }

  private func walk(_ inputs: [Operand?]) throws(OperatorError) -> (walk: Walk, covers: Bool) {
    let x = try inputs.required(0).shape
    let (cuts, steps) = (try cuts(inputs), x.steps)
    let start = Swift.zip(cuts, steps).reduce(0) { $0 + ($1.0.length > 0 ? $1.0.start * $1.1 : 0) }
    return (
      Walk(
        cuts.map(\.length), steps: Swift.zip(cuts, steps).map { $0.step * $1 }, start: start),
      cuts.map(\.length) == x.dims
    )
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try Shape.of(try cuts(inputs).map(\.length))]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let (walk, covers) = try walk(inputs)
    return WalkKernel(walk: walk, covers: covers)
  }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.optional(0)?.batched == true, let cuts = try? cuts(inputs) else { return false }
    return cuts.first?.isWhole == true
  }

  func constant(_ inputs: [Operand?]) -> [Double]? {
    guard let values = inputs.optional(0)?.constant else { return nil }
    return (try? walk(inputs))?.walk.pick(values)
  }
}
