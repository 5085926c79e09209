import Tensors

/// A layer that carries a state from step to step: RNN, LSTM and GRU. A file gives the cell.
///
/// Samples stay apart only where they come first (`layout` 1): axis 0 of a batch is the sample.
protocol Recurrent: Operator {
  associatedtype Cell: RecurrentCell
  /// The attributes that all cells share.
  var settings: RecurrentSettings { get set }
  /// The cell of a direction.
  func cell(_ direction: Int, _ lengths: RecurrentLengths) -> Cell
  /// The functions of one direction that give the state its range.
  func stateFunctions(_ direction: Int) -> [GateFunction]
}

extension Recurrent {
  private func lengths(_ inputs: [Operand?]) throws(OperatorError) -> RecurrentLengths {
    try settings.lengths(inputs, gates: Cell.gates, isLSTM: Cell.hasMemory)
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    let it = try lengths(inputs)
    let state = try Shape.of(
      it.samplesFirst
        ? [it.rows, it.directions, it.hidden] : [it.directions, it.rows, it.hidden])
    let all = try Shape.of(
      it.samplesFirst
        ? [it.rows, it.steps, it.directions, it.hidden]
        : [it.steps, it.directions, it.rows, it.hidden])
    return Cell.hasMemory ? [all, state, state] : [all, state]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    let lengths = try lengths(inputs)
    return try RecurrentKernel(
      (0..<lengths.directions).map { cell($0, lengths) }, lengths, reversed: settings.reversed,
      varying: inputs.optional(4) != nil)
  }

  func recurrence(_ inputs: [Operand?]) -> Recurrence? {
    guard let it = try? lengths(inputs) else { return nil }
    let functions = (0..<it.directions).flatMap { stateFunctions($0) }
    return Recurrence(
      steps: it.steps, stepAxis: it.samplesFirst ? 1 : 0, hidden: it.hidden,
      isBounded: functions.allSatisfy(\.isBounded))
  }

  var bounded: (any Operator)? {
    var copy = self
    copy.settings = settings.bounded
    return copy
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { output.rank - 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard settings.samplesFirst, inputs.optional(0)?.batched == true else { return false }
    return inputs.indices.dropFirst().allSatisfy { index in
      guard let input = inputs[index] else { return true }
      switch index {
      case 4, 5, 6:
        // A state that is the same everywhere is that of every sample.
        if input.batched { return true }
        guard let values = input.constant, let first = values.first else { return false }
        return values.allSatisfy { $0 == first }
      default: return !input.batched
      }
    }
  }

  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard let it = try? lengths(inputs) else { return 0 }
    let weights = [1, 2].reduce(0.0) { $0 + Double(inputs.optional($1)?.shape.count ?? 0) }
    return Double(it.rows) * Double(it.steps) * weights
  }

  func roles(_ inputs: [Operand?]) -> [ParameterRole?] {
    let known = [
      nil, ParameterRole(.kernel, unitAxis: 1), ParameterRole(.kernel, unitAxis: 1),
      ParameterRole(.bias, unitAxis: 1), nil, nil, nil, ParameterRole(.scale, unitAxis: 1),
    ]
    return inputs.indices.map { known.indices.contains($0) ? known[$0] : nil }
  }
}

/// The parameters of one direction.
struct RecurrentWeights {
  /// Gates × hidden rows of as many columns as there are inputs.
  let input: UnsafeMutablePointer<Float>
  /// As many rows, of hidden columns.
  let recurrent: UnsafeMutablePointer<Float>
  /// Both transposed, block after block, those of the input above those of the recurrence: one product
  /// with inputs and state side by side is faster than two.
  let transposed: UnsafeMutablePointer<Float>
  /// Those of the input and those of the recurrence, each gates × hidden; nil when there are none.
  let biases: UnsafeMutablePointer<Float>?
  /// The sums of both.
  let biasSum: UnsafeMutablePointer<Float>?
  /// Three times hidden factors of the memory; nil when there are none.
  let peepholes: UnsafeMutablePointer<Float>?
}

extension RecurrentWeights {
  /// The recurrence's factor for the block of `gates` gates that begins with gate `first`.
  func recurrence(from first: Int, gates: Int, inputs: Int, _ hidden: Int) -> Matrix {
    let block = transposed + first * hidden * (inputs + hidden)
    return Matrix(block + inputs * gates * hidden, rows: hidden, columns: gates * hidden)
  }
}

/// What a cell sees of one step: rows of hidden values, one per sample.
struct RecurrentStep {
  typealias Rows = UnsafeMutablePointer<Float>
  let rows: Int
  let inputs: Int
  let hidden: Int
  /// Whether there was nothing before: the state is zero, and nobody asks for its gradient.
  let isFresh: Bool
  /// The gates of the first block: before, what inputs and state say; after, their values.
  let gates: Rows
  /// The same of the second block, where a cell has one.
  let candidates: Rows
  let stateBefore: Rows
  let state: Rows
  /// Floats from one sample's state to the next one's.
  let stride: Int
  let memoryBefore: Rows
  let memory: Rows
  /// Values that a cell keeps for the way back.
  let extra: Rows
}

/// The gradients of one step on the way back. Those of the gates take the places of their values.
struct RecurrentSlopes {
  typealias Rows = UnsafeMutablePointer<Float>
  /// Written: for the sums of the first block of gates.
  let gates: Rows
  /// Written: for those of the second block.
  let candidates: Rows
  /// Written: for the recurrent part of the second block, where that differs.
  let recurrent: Rows
  /// The gradient of the state, to be replaced by that of the state before.
  let state: Rows
  /// The same of the memory.
  let memory: Rows
  let scratch: Rows
}

/// The mathematics of one step.
protocol RecurrentCell {
  /// Gates in each block: a block's sums are one product with the inputs.
  static var blocks: [Int] { get }
  /// Whether there is a memory beside the state.
  static var hasMemory: Bool { get }
  /// Whether the recurrent part of the last block has biases and gradients of its own.
  var splitsCandidates: Bool { get }
  /// Whether the recurrence of the last block reads `extra` rather than the state before.
  var recurrenceReadsExtra: Bool { get }
  /// Whether `forward` adds the biases itself; else the gates hold them beforehand.
  static var addsBiases: Bool { get }
  /// The state after a step.
  func forward(_ step: RecurrentStep, _ weights: RecurrentWeights) throws(OperatorError)
  /// The gradients of a step.
  func backward(
    _ step: RecurrentStep, _ slopes: RecurrentSlopes, _ weights: RecurrentWeights
  ) throws(OperatorError)
}

extension RecurrentCell {
  static var gates: Int { blocks.reduce(0, +) }

  /// Whether what inputs and state say to a block is one product; else the cell adds the state's part.
  func joins(_ block: Int) -> Bool {
    block < Self.blocks.count - 1 || !(splitsCandidates || recurrenceReadsExtra)
  }

  static var hasMemory: Bool { false }
  static var addsBiases: Bool { false }
  var splitsCandidates: Bool { false }
  var recurrenceReadsExtra: Bool { false }
}
