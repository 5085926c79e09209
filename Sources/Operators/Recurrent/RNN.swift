import Tensors

/// The plain recurrent layer.
struct RNN: Recurrent {
  static let info = OperatorInfo(
    name: "RNN", summary: "Plain recurrent layer.", formula: "h = f(x Wᵀ + h′ Rᵀ + b)",
    inputs: 3...6, outputs: 1...2, attributes: RecurrentSettings.attributes,
    samples: recurrentSamples(1, functions: ["Tanh", "Softsign"]))

  var settings: RecurrentSettings

  init(_ attributes: Attributes) throws(OperatorError) {
    settings = try RecurrentSettings(attributes, functions: [.tanh])
  }

  func stateFunctions(_ direction: Int) -> [GateFunction] { Array(settings.functions(direction)) }

  func cell(_ direction: Int, _ lengths: RecurrentLengths) -> RNNCell {
    RNNCell(function: settings.functions(direction).first ?? GateFunction(kind: .tanh))
  }
}

struct RNNCell: RecurrentCell {
  static let blocks = [1]

  let function: GateFunction

  func forward(_ step: RecurrentStep, _ weights: RecurrentWeights) throws(OperatorError) {
    for row in 0..<step.rows {
      let gate = step.gates + row * step.hidden
      function.apply(gate, step.hidden)
      (step.state + row * step.stride).update(from: gate, count: step.hidden)
    }
  }

  func backward(
    _ step: RecurrentStep, _ slopes: RecurrentSlopes, _ weights: RecurrentWeights
  ) throws(OperatorError) {
    let (rows, hidden) = (step.rows, step.hidden)
    forEachVector(rows * hidden) {
      slopes.gates.store($0, slopes.state.vector($0) * function.slope(step.gates.vector($0)))
    }
    guard !step.isFresh else { return }
    try product(
      Matrix(slopes.gates, rows: rows, columns: hidden),
      Matrix(weights.recurrent, rows: hidden, columns: hidden),
      into: Matrix(slopes.state, rows: rows, columns: hidden))
  }
}

/// Samples of a recurrent layer of 3 hidden units over 2 inputs, and of one wider than a vector:
/// every direction, both layouts, with and without biases, states and lengths.
///
/// - Parameter functions: names for both directions of the bidirectional sample.
func recurrentSamples(_ gates: Int, functions: [String]) -> [GradientSample] {
  let memory = functions.count == 6
  let state: [[Int]?] = memory ? [[1, 2, 3], [1, 2, 3]] : [[1, 2, 3]]
  let states: [[Int]?] = memory ? [[2, 2, 3], [2, 2, 3]] : [[2, 2, 3]]
  let wide = 3 * gates
  return [
    GradientSample([[3, 2, 2], [1, wide, 2], [1, wide, 3]], range: -1...1),
    GradientSample(
      [[2, 3, 2], [1, wide, 2], [1, wide, 3], [1, 2 * wide]],
      attributes: ["layout": .int(1), "hidden_size": .int(3)], range: -1...1),
    GradientSample(
      [[3, 2, 2], [1, wide, 2], [1, wide, 3], [1, 2 * wide], nil] + state,
      attributes: ["direction": .string("reverse")], range: -1...1),
    GradientSample(
      [[2, 3, 2], [2, wide, 2], [2, wide, 3], [2, 2 * wide], nil] + states,
      attributes: [
        "direction": .string("bidirectional"), "layout": .int(1),
        "activations": .strings(functions),
      ],
      range: -1...1),
    GradientSample(
      [[3, 2, 2], [2, wide, 2], [2, wide, 3], nil, [2]],
      attributes: ["direction": .string("bidirectional")], range: -1...1,
      constants: [4: [3, 1]]),
    GradientSample(
      [[2, 2, 2], [1, 18 * gates, 2], [1, 18 * gates, 18]], attributes: ["layout": .int(1)],
      range: -0.4...0.4),
    GradientSample(
      [[0, 3, 2], [1, wide, 2], [1, wide, 3]], attributes: ["layout": .int(1)], range: -1...1),
    GradientSample(
      [[2, 0, 2], [1, wide, 2], [1, wide, 3]], attributes: ["layout": .int(1)], range: -1...1),
  ]
}
