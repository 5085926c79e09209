import Tensors

/// Runs a cell over all steps. What the inputs say to the gates is computed step by step, too, so that
/// the gates are still in the cache when the recurrence comes. All memory is time-major, in the order of each direction.
final class RecurrentKernel<Cell: RecurrentCell>: Kernel {
  /// What one direction keeps for the way back.
  struct Direction {
    let cell: Cell
    let reversed: Bool
    private let scratch: Scratch
    /// The weights of the input and those of the recurrence, transposed.
    let turned: RecurrentWeights.Turned
    /// The biases of the input and those of the recurrence together.
    let biasSum: UnsafeMutablePointer<Float>

    /// Steps × samples rows of inputs in the direction's own order.
    var inputs: UnsafeMutablePointer<Float> { scratch[0] }
    /// States before the first and after every step.
    var states: UnsafeMutablePointer<Float> { scratch[1] }
    /// The same of the memory.
    var memories: UnsafeMutablePointer<Float> { scratch[2] }
    var extra: UnsafeMutablePointer<Float> { scratch[3] }
    /// The gates of a block.
    func gates(_ block: Int) -> UnsafeMutablePointer<Float> { scratch[4 + block] }

    init(
      _ cell: Cell, reversed: Bool, _ it: RecurrentLengths, copiesInputs: Bool
    ) throws(OperatorError) {
      self.cell = cell
      self.reversed = reversed
      let width = it.hidden
      scratch = try Scratch(
        [
          copiesInputs ? [it.steps, it.rows, it.inputs] : [0], [it.steps + 1, it.rows, width],
          Cell.hasMemory ? [it.steps + 1, it.rows, width] : [0], [it.steps, it.rows, width],
        ] + Cell.blocks.map { [it.steps, it.rows, $0 * width] }
          + [[it.inputs, Cell.gates * width], [width, Cell.gates * width], [Cell.gates * width]])
      let last = 4 + Cell.blocks.count
      turned = RecurrentWeights.Turned(input: scratch[last], recurrent: scratch[last + 1])
      biasSum = scratch[last + 2]
    }
  }

  let directions: [Direction]
  let lengths: RecurrentLengths
  /// Whether samples have lengths of their own.
  let varying: Bool
  /// The steps of every sample.
  var counts: [Int]
  /// The gradients, once they are asked for.
  var slopes: Scratch?

  init(
    _ cells: [Cell], _ lengths: RecurrentLengths, reversed: [Bool], varying: Bool
  ) throws(OperatorError) {
    self.lengths = lengths
    self.varying = varying
    counts = [Int](repeating: lengths.steps, count: lengths.rows)
    var directions: [Direction] = []
    for (cell, reversed) in Swift.zip(cells, reversed) {
      let copies = reversed || lengths.samplesFirst || varying
      directions.append(
        try Direction(cell, reversed: reversed, lengths, copiesInputs: copies))
    }
    self.directions = directions
  }

  /// Whether a direction reads X as it lies.
  func isPlain(_ direction: Direction) -> Bool {
    !direction.reversed && !lengths.samplesFirst && !varying
  }

  /// The time of a direction's step; steps past a sample's end stay where they are.
  @inline(__always)
  func time(_ step: Int, _ row: Int, _ direction: Direction) -> Int {
    direction.reversed && step < counts[row] ? counts[row] - 1 - step : step
  }

  func weights(_ inputs: [Tensor?], _ direction: Int) -> RecurrentWeights? {
    guard let w = inputs.optional(1), let r = inputs.optional(2) else { return nil }
    let (gates, n) = (Cell.gates, lengths.hidden)
    return RecurrentWeights(
      input: w.base + direction * gates * n * lengths.inputs,
      recurrent: r.base + direction * gates * n * n,
      turned: directions[direction].turned,
      biases: inputs.optional(3).map { $0.base + direction * 2 * gates * n },
      biasSum: inputs.optional(3).map { _ in directions[direction].biasSum },
      peepholes: inputs.optional(7).map { $0.base + direction * 3 * n })
  }

  /// Transposes every block of gates and adds the biases up: once for all steps.
  private func turn(_ weights: RecurrentWeights) {
    let n = lengths.hidden
    let (w, r) = (weights.turned.input, weights.turned.recurrent)
    if let biases = weights.biases, let sum = weights.biasSum {
      let recurrent = biases + Cell.gates * n
      forEachVector(Cell.gates * n) { sum.store($0, biases.vector($0) + recurrent.vector($0)) }
    }
    var first = 0
    for gates in Cell.blocks {
      let (inputs, states) = (first * n * lengths.inputs, first * n * n)
      transpose(
        weights.input + inputs, rows: gates * n, columns: lengths.inputs, into: w + inputs)
      transpose(weights.recurrent + states, rows: gates * n, columns: n, into: r + states)
      first += gates
    }
  }

  /// The step of a direction, with its places in what the direction keeps.
  func step(_ index: Int, _ direction: Direction) -> RecurrentStep {
    let (rows, n) = (lengths.rows, lengths.hidden)
    let block = rows * n
    let last = Cell.blocks.count - 1
    let memory = Cell.hasMemory ? direction.memories + index * block : direction.memories
    return RecurrentStep(
      rows: rows, hidden: n, gates: direction.gates(0) + index * block * Cell.blocks[0],
      candidates: direction.gates(last) + index * block * Cell.blocks[last],
      stateBefore: direction.states + index * block,
      state: direction.states + (index + 1) * block, memoryBefore: memory,
      memory: Cell.hasMemory ? memory + block : memory, extra: direction.extra + index * block)
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let x = node.inputs.optional(0) else { return }
    if let given = node.inputs.optional(4) { try read(given) }
    for (index, direction) in directions.enumerated() {
      guard let weights = weights(node.inputs, index) else { return }
      turn(weights)
      let inputs = isPlain(direction) ? x.base : direction.inputs
      if !isPlain(direction) { collect(x, direction) }
      start(direction.states, node.inputs.optional(5), index)
      if Cell.hasMemory { start(direction.memories, node.inputs.optional(6), index) }
      for number in 0..<lengths.steps {
        let step = step(number, direction)
        try project(inputs, number, direction, weights)
        try direction.cell.forward(step, weights)
        if varying { hold(step, number) }
      }
      write(direction, index, node.outputs)
    }
  }

  /// Reads the lengths of the samples.
  private func read(_ given: Tensor) throws(OperatorError) {
    for row in counts.indices {
      let value = given.base[row]
      guard let count = Int(exactly: value), (0...lengths.steps).contains(count) else {
        throw .index(
          sample: row, found: "a length of \(value) steps",
          expected: "a whole number from 0 to \(lengths.steps)")
      }
      counts[row] = count
    }
  }

  /// Brings X into the order of a direction, with zeros past the end of a sample.
  private func collect(_ x: Tensor, _ direction: Direction) {
    let width = lengths.inputs
    for step in 0..<lengths.steps {
      for row in 0..<lengths.rows {
        let to = direction.inputs + (step * lengths.rows + row) * width
        if step < counts[row] {
          let from = x.base + lengths.input(row, time(step, row, direction))
          to.update(from: from, count: width)
        } else {
          to.update(repeating: 0, count: width)
        }
      }
    }
  }

  /// What the inputs and the biases say to every gate of a step.
  private func project(
    _ inputs: UnsafeMutablePointer<Float>, _ step: Int, _ direction: Direction,
    _ weights: RecurrentWeights
  ) throws(OperatorError) {
    let (n, total) = (lengths.hidden, lengths.rows)
    var first = 0
    for (block, gates) in Cell.blocks.enumerated() {
      let width = gates * n
      let base = direction.gates(block) + step * total * width
      let filled = Cell.addsBiases ? nil : weights.biases
      if let filled, let sum = weights.biasSum {
        let apart = direction.cell.splitsCandidates && block == Cell.blocks.count - 1
        let row = (apart ? filled : sum) + first * n
        for index in 0..<total { (base + index * width).update(from: row, count: width) }
      }
      let factor = weights.turned.input + first * n * lengths.inputs
      try product(
        Matrix(
          inputs + step * total * lengths.inputs, rows: total, columns: lengths.inputs),
        Matrix(factor, rows: lengths.inputs, columns: width),
        into: Matrix(base, rows: total, columns: width), beta: filled == nil ? 0 : 1)
      first += gates
    }
  }

  /// Sets the state before the first step.
  private func start(
    _ states: UnsafeMutablePointer<Float>, _ given: Tensor?, _ direction: Int
  ) {
    let n = lengths.hidden
    for row in 0..<lengths.rows {
      if let given {
        (states + row * n).update(from: given.base + lengths.state(row, direction), count: n)
      } else {
        (states + row * n).update(repeating: 0, count: n)
      }
    }
  }

  /// Past its end a sample keeps its state.
  private func hold(_ step: RecurrentStep, _ number: Int) {
    let n = lengths.hidden
    for row in 0..<lengths.rows where number >= counts[row] {
      (step.state + row * n).update(from: step.stateBefore + row * n, count: n)
      if Cell.hasMemory {
        (step.memory + row * n).update(from: step.memoryBefore + row * n, count: n)
      }
    }
  }

  private func write(_ direction: Direction, _ index: Int, _ outputs: [Tensor]) {
    let (n, rows) = (lengths.hidden, lengths.rows)
    for step in 0..<lengths.steps {
      let states = direction.states + (step + 1) * rows * n
      for row in 0..<rows {
        let to = outputs[0].base + lengths.output(row, time(step, row, direction), index)
        if step < counts[row] {
          to.update(from: states + row * n, count: n)
        } else {
          to.update(repeating: 0, count: n)
        }
      }
    }
    let last = lengths.steps * rows * n
    for row in 0..<rows {
      let at = lengths.state(row, index)
      if outputs.count > 1 {
        (outputs[1].base + at).update(from: direction.states + last + row * n, count: n)
      }
      if Cell.hasMemory && outputs.count > 2 {
        (outputs[2].base + at).update(from: direction.memories + last + row * n, count: n)
      }
    }
  }
}
