import Tensors

/// The recurrent layer with a memory behind gates, in ONNX's order: input, output, forget, candidate.
struct LSTM: Recurrent {
  static let info = OperatorInfo(
    name: "LSTM", summary: "Recurrent layer with a memory behind gates.",
    formula: "c = f ∘ c′ + i ∘ g(…); h = o ∘ tanh c; i, o, f = σ(x Wᵀ + h′ Rᵀ + p ∘ c + b)",
    inputs: 3...8, outputs: 1...3,
    attributes: RecurrentSettings.attributes + [
      AttributeInfo("input_forget", default: "0", "1: the forget gate is 1 − the input gate")
    ],
    samples: recurrentSamples(
      4, functions: ["Sigmoid", "Tanh", "Tanh", "HardSigmoid", "Softsign", "ScaledTanh"])
      + [
        GradientSample(
          [[2, 3, 2], [1, 12, 2], [1, 12, 3], nil, nil, nil, nil, [1, 9]],
          attributes: ["layout": .int(1)], range: -1...1),
        GradientSample(
          [[3, 2, 2], [2, 12, 2], [2, 12, 3], [2, 24], [2], [2, 2, 3], [2, 2, 3], [2, 9]],
          attributes: ["direction": .string("bidirectional"), "input_forget": .int(1)],
          range: -1...1, constants: [4: [2, 3]]),
      ])

  var settings: RecurrentSettings
  let couplesGates: Bool

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try RecurrentSettings(attributes, functions: [.sigmoid, .tanh, .tanh])
    couplesGates = try attributes.flag("input_forget", default: false)
  }

  /// The state is what the last function makes of the memory, times a gate.
  func stateFunctions(_ direction: Int) -> [GateFunction] {
    Array(settings.functions(direction).suffix(1))
  }

  func cell(_ direction: Int, _ lengths: RecurrentLengths) -> LSTMCell {
    let functions = Array(settings.functions(direction))
    return LSTMCell(
      gate: functions[0], candidate: functions[1], output: functions[2],
      couplesGates: couplesGates)
  }
}

struct LSTMCell: RecurrentCell {
  static let blocks = [4]
  static let hasMemory = true
  static let addsBiases = true

  let gate: GateFunction
  let candidate: GateFunction
  let output: GateFunction
  let couplesGates: Bool

  func forward(_ step: RecurrentStep, _ weights: RecurrentWeights) throws(OperatorError) {
    let n = step.hidden
    for row in 0..<step.rows {
      let (i, o) = (step.gates + row * 4 * n, step.gates + (row * 4 + 1) * n)
      let (f, g) = (o + n, o + 2 * n)
      let (before, memory) = (step.memoryBefore + row * n, step.memory + row * n)
      var bias = weights.biasSum
      if let p = weights.peepholes {
        if let sum = bias {
          forEachVector(4 * n) { i.store($0, i.vector($0) + sum.vector($0)) }
          bias = nil
        }
        forEachVector(n) {
          i.store($0, i.vector($0) + p.vector($0) * before.vector($0))
          f.store($0, f.vector($0) + (p + 2 * n).vector($0) * before.vector($0))
        }
        gate.apply(i, n)
        gate.apply(f, n)
      } else {
        gate.apply(i, 3 * n, adding: bias)
      }
      candidate.apply(g, n, adding: bias.map { $0 + 3 * n })
      if couplesGates { forEachVector(n) { f.store($0, 1 - i.vector($0)) } }
      forEachVector(n) {
        memory.store($0, f.vector($0) * before.vector($0) + i.vector($0) * g.vector($0))
      }
      if let p = weights.peepholes {
        forEachVector(n) { o.store($0, o.vector($0) + (p + n).vector($0) * memory.vector($0)) }
        gate.apply(o, n)
      }
      let (squashed, state) = (step.extra + row * n, step.state + row * step.stride)
      output.apply(memory, n, into: squashed)
      forEachVector(n) { state.store($0, o.vector($0) * squashed.vector($0)) }
    }
  }

  func backward(
    _ step: RecurrentStep, _ slopes: RecurrentSlopes, _ weights: RecurrentWeights
  ) throws(OperatorError) {
    let n = step.hidden
    for row in 0..<step.rows {
      let (i, o) = (step.gates + row * 4 * n, step.gates + (row * 4 + 1) * n)
      let (f, g) = (o + n, o + 2 * n)
      let di = slopes.gates + row * 4 * n
      let (before, squashed) = (step.memoryBefore + row * n, step.extra + row * n)
      let (dState, dMemory) = (slopes.state + row * n, slopes.memory + row * n)
      forEachVector(n) { at in
        let (input, open, forget) = (i.vector(at), o.vector(at), f.vector(at))
        let (value, slope) = (g.vector(at), dState.vector(at))
        let height = squashed.vector(at)
        let dOpen = slope * height * gate.slope(open)
        var dMemoryHere = dMemory.vector(at) + slope * open * output.slope(height)
        if let p = weights.peepholes { dMemoryHere += dOpen * (p + n).vector(at) }
        var dForget = dMemoryHere * before.vector(at)
        var dInput = dMemoryHere * value
        if couplesGates {
          dInput -= dForget
          dForget = .zero
        } else {
          dForget *= gate.slope(forget)
        }
        dInput *= gate.slope(input)
        var dBefore = dMemoryHere * forget
        if let p = weights.peepholes {
          dBefore += dInput * p.vector(at) + dForget * (p + 2 * n).vector(at)
        }
        di.store(at, dInput)
        (di + n).store(at, dOpen)
        (di + 2 * n).store(at, dForget)
        (di + 3 * n).store(at, dMemoryHere * input * candidate.slope(value))
        dMemory.store(at, dBefore)
      }
    }
    guard !step.isFresh else { return }
    try product(
      Matrix(slopes.gates, rows: step.rows, columns: 4 * n),
      Matrix(weights.recurrent, rows: 4 * n, columns: n),
      into: Matrix(slopes.state, rows: step.rows, columns: n))
  }
}
