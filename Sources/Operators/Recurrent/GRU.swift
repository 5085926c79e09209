import Tensors

/// The gated recurrent layer, in ONNX's order: update, reset, candidate.
struct GRU: Recurrent {
  static let info = OperatorInfo(
    name: "GRU", summary: "Gated recurrent layer.",
    formula:
      "h = (1 − z) ∘ g + z ∘ h′; z, r = σ(x Wᵀ + h′ Rᵀ + b); g = tanh(x Wᵀ + (r ∘ h′) Rᵀ + b)",
    inputs: 3...6, outputs: 1...2,
    attributes: RecurrentSettings.attributes + [
      AttributeInfo(
        "linear_before_reset", default: "0",
        "1: the reset gate multiplies h′ Rᵀ + b, as in PyTorch, rather than h′")
    ], samples: samples)

  /// All samples under both rules of the reset gate.
  private static var samples: [GradientSample] {
    let functions = ["Sigmoid", "Tanh", "HardSigmoid", "Softsign"]
    return recurrentSamples(3, functions: functions).flatMap { sample in
      let attributes = sample.attributes.merging(["linear_before_reset": .int(1)]) { $1 }
      return [
        sample,
        GradientSample(
          sample.shapes, attributes: attributes, range: sample.range,
          constants: sample.constants),
      ]
    }
  }

  var settings: RecurrentSettings
  let resetsLast: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try RecurrentSettings(attributes, functions: [.sigmoid, .tanh])
    resetsLast = try attributes.flag("linear_before_reset", default: false)
  }

  /// The state lies between the candidate and the state before.
  func stateFunctions(_ direction: Int) -> [GateFunction] {
    Array(settings.functions(direction).suffix(1))
  }

  func cell(_ direction: Int, _ lengths: RecurrentLengths) -> GRUCell {
    let functions = Array(settings.functions(direction))
    return GRUCell(gate: functions[0], candidate: functions[1], splitsCandidates: resetsLast)
  }
}

struct GRUCell: RecurrentCell {
  static let blocks = [2, 1]

  let gate: GateFunction
  let candidate: GateFunction
  /// Whether the reset gate multiplies what the recurrence says, and not the state.
  let splitsCandidates: Bool

  var recurrenceReadsExtra: Bool { !splitsCandidates }

  func forward(_ step: RecurrentStep, _ weights: RecurrentWeights) throws(OperatorError) {
    let (rows, n) = (step.rows, step.hidden)
    let before = Matrix(step.stateBefore, rows: rows, columns: n, stride: step.stride)
    let last = weights.recurrence(from: 2, gates: 1, inputs: step.inputs, n)
    gate.apply(step.gates, rows * 2 * n)
    if splitsCandidates {
      if let biases = weights.biases {
        for row in 0..<rows { (step.extra + row * n).update(from: biases + 5 * n, count: n) }
      }
      try product(
        before, last, into: Matrix(step.extra, rows: rows, columns: n),
        beta: weights.biases == nil ? 0 : 1)
    }
    for row in 0..<rows {
      let (r, said) = (step.gates + (2 * row + 1) * n, step.candidates + row * n)
      let (extra, h) = (step.extra + row * n, step.stateBefore + row * step.stride)
      forEachVector(n) {
        if splitsCandidates {
          said.store($0, said.vector($0) + r.vector($0) * extra.vector($0))
        } else {
          extra.store($0, r.vector($0) * h.vector($0))
        }
      }
    }
    if !splitsCandidates {
      try product(
        Matrix(step.extra, rows: rows, columns: n), last,
        into: Matrix(step.candidates, rows: rows, columns: n), beta: 1)
    }
    candidate.apply(step.candidates, rows * n)
    for row in 0..<rows {
      let (z, g) = (step.gates + 2 * row * n, step.candidates + row * n)
      let (h, state) = (step.stateBefore + row * step.stride, step.state + row * step.stride)
      forEachVector(n) {
        let value = g.vector($0)
        state.store($0, value + z.vector($0) * (h.vector($0) - value))
      }
    }
  }

  func backward(
    _ step: RecurrentStep, _ slopes: RecurrentSlopes, _ weights: RecurrentWeights
  ) throws(OperatorError) {
    let (rows, n) = (step.rows, step.hidden)
    let last = Matrix(weights.recurrent + 2 * n * n, rows: n, columns: n)
    let dState = Matrix(slopes.state, rows: rows, columns: n)
    for row in 0..<rows {
      let (z, dz) = (step.gates + 2 * row * n, slopes.gates + 2 * row * n)
      let (g, dg) = (step.candidates + row * n, slopes.candidates + row * n)
      let (h, dh) = (step.stateBefore + row * step.stride, slopes.state + row * n)
      forEachVector(n) {
        let (open, value, slope) = (z.vector($0), g.vector($0), dh.vector($0))
        dz.store($0, slope * (h.vector($0) - value) * gate.slope(open))
        dg.store($0, slope * (1 - open) * candidate.slope(value))
        dh.store($0, slope * open)
      }
    }
    if !splitsCandidates {
      try product(
        Matrix(slopes.candidates, rows: rows, columns: n), last,
        into: Matrix(slopes.scratch, rows: rows, columns: n))
    }
    for row in 0..<rows {
      let (r, dr) = (step.gates + (2 * row + 1) * n, slopes.gates + (2 * row + 1) * n)
      let (h, dh) = (step.stateBefore + row * step.stride, slopes.state + row * n)
      let (dg, extra) = (slopes.candidates + row * n, step.extra + row * n)
      let (through, dq) = (slopes.scratch + row * n, slopes.recurrent + row * n)
      forEachVector(n) {
        let reset = r.vector($0)
        if splitsCandidates {
          let slope = dg.vector($0)
          dr.store($0, slope * extra.vector($0) * gate.slope(reset))
          dq.store($0, slope * reset)
        } else {
          let slope = through.vector($0)
          dr.store($0, slope * h.vector($0) * gate.slope(reset))
          dh.store($0, dh.vector($0) + slope * reset)
        }
      }
    }
    guard !step.isFresh else { return }
    if splitsCandidates {
      try product(
        Matrix(slopes.recurrent, rows: rows, columns: n), last, into: dState, beta: 1)
    }
    try product(
      Matrix(slopes.gates, rows: rows, columns: 2 * n),
      Matrix(weights.recurrent, rows: 2 * n, columns: n), into: dState, beta: 1)
  }
}
