import Tensors

/// Runs a cell over all steps. What the inputs say to the gates is computed step by step, too, so that
/// the gates are still in the cache when the recurrence comes. All memory is time-major, in the order of
/// each direction.
final class RecurrentKernel<Cell: RecurrentCell>: Kernel {
  /// What one direction keeps for the way back.
  struct Direction {
    let cell: Cell
    let reversed: Bool
    private let workspace: Workspace
    /// The weights of the input and those of the recurrence, transposed.
    let transposed: UnsafeMutablePointer<Float>
    /// The biases of the input and those of the recurrence together.
    let biasSum: UnsafeMutablePointer<Float>

    /// Steps + 1 × samples rows in the direction's own order: the inputs of a step, and beside them the
    /// state before it.
    var joined: UnsafeMutablePointer<Float> { workspace[0] }
    /// The memory before the first and after every step.
    var memories: UnsafeMutablePointer<Float> { workspace[1] }
    var extra: UnsafeMutablePointer<Float> { workspace[2] }
    /// The gates of a block.
    func gates(_ block: Int) -> UnsafeMutablePointer<Float> { workspace[3 + block] }

    init(_ cell: Cell, reversed: Bool, _ it: RecurrentLengths) throws(OperatorError) {
      self.cell = cell
      self.reversed = reversed
      let width = it.hidden
      workspace = try Workspace(
        dims: [
          [it.steps + 1, it.rows, it.joined],
          Cell.hasMemory ? [it.steps + 1, it.rows, width] : [0], [it.steps, it.rows, width],
        ] + Cell.blocks.map { [it.steps, it.rows, $0 * width] }
          + [[it.joined, Cell.gates * width], [Cell.gates * width]])
      transposed = workspace[3 + Cell.blocks.count]
      biasSum = workspace[4 + Cell.blocks.count]
    }
  }

  let directions: [Direction]
  let lengths: RecurrentLengths
  /// Whether samples have lengths of their own.
  let varying: Bool
  /// The steps of every sample.
  var counts: [Int]
  /// Whether the first step needs no product with the state before it.
  private var isFresh = false
  /// The gradients, once they are asked for.
  var slopes: Workspace?

  init(
    _ cells: [Cell], _ lengths: RecurrentLengths, reversed: [Bool], varying: Bool
  ) throws(OperatorError) {
    self.lengths = lengths
    self.varying = varying
    counts = [Int](repeating: lengths.steps, count: lengths.rows)
    var directions: [Direction] = []
    for (cell, reversed) in Swift.zip(cells, reversed) {
      directions.append(try Direction(cell, reversed: reversed, lengths))
    }
    self.directions = directions
  }

  /// Whether a direction has the samples and steps of X as they lie.
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
      transposed: directions[direction].transposed,
      biases: inputs.optional(3).map { $0.base + direction * 2 * gates * n },
      biasSum: inputs.optional(3).map { _ in directions[direction].biasSum },
      peepholes: inputs.optional(7).map { $0.base + direction * 3 * n })
  }

  /// Transposes every block of gates and adds the biases up: once for all steps.
  private func turn(_ weights: RecurrentWeights) {
    let (n, inputs) = (lengths.hidden, lengths.inputs)
    if let biases = weights.biases, let sum = weights.biasSum {
      let recurrent = biases + Cell.gates * n
      forEachVector(Cell.gates * n) { sum.store($0, biases.vector($0) + recurrent.vector($0)) }
    }
    var first = 0
    for gates in Cell.blocks {
      let block = weights.transposed + first * n * lengths.joined
      transpose(
        weights.input + first * n * inputs, rows: gates * n, columns: inputs, into: block)
      transpose(
        weights.recurrent + first * n * n, rows: gates * n, columns: n,
        into: block + inputs * gates * n)
      first += gates
    }
  }

  /// Whether the first step has no state before it, and what the recurrence says of none is zero: NaN
  /// times zero is not.
  private func begins(_ inputs: [Tensor?]) -> Bool {
    guard inputs.optional(5) == nil, let r = inputs.optional(2) else { return false }
    var zeros = Vector.zero
    forEachVector(r.count) { zeros += 0 * r.base.vector($0) }
    return zeros.total == 0
  }

  /// The step of a direction, with its places in what the direction keeps.
  func step(_ index: Int, _ direction: Direction) -> RecurrentStep {
    let (rows, n) = (lengths.rows, lengths.hidden)
    let block = rows * n
    let before = direction.joined + index * rows * lengths.joined + lengths.inputs
    let last = Cell.blocks.count - 1
    let memory = Cell.hasMemory ? direction.memories + index * block : direction.memories
    return RecurrentStep(
      rows: rows, inputs: lengths.inputs, hidden: n, isFresh: index == 0 && isFresh,
      gates: direction.gates(0) + index * block * Cell.blocks[0],
      candidates: direction.gates(last) + index * block * Cell.blocks[last],
      stateBefore: before, state: before + rows * lengths.joined, stride: lengths.joined,
      memoryBefore: memory,
      memory: Cell.hasMemory ? memory + block : memory, extra: direction.extra + index * block)
  }

  func forward(_ node: Forward) throws(OperatorError) {
    guard let x = node.inputs.optional(0) else { return }
    if let given = node.inputs.optional(4) { try read(given) }
    isFresh = begins(node.inputs)
    for (index, direction) in directions.enumerated() {
      guard let weights = weights(node.inputs, index) else { return }
      turn(weights)
      let states = direction.joined + lengths.inputs
      start(states, every: lengths.joined, node.inputs.optional(5), index)
      if Cell.hasMemory {
        start(direction.memories, every: lengths.hidden, node.inputs.optional(6), index)
      }
      for number in 0..<lengths.steps {
        let step = step(number, direction)
        collect(x, number, direction)
        try project(step, number, direction, weights)
        try direction.cell.forward(step, weights)
        if varying { hold(step, number) }
        write(step, number, direction, index, node.outputs[0])
      }
      end(direction, index, node.outputs)
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

  /// Brings a step of X into the order of a direction, with zeros past the end of a sample.
  private func collect(_ x: Tensor, _ step: Int, _ direction: Direction) {
    let width = lengths.inputs
    for row in 0..<lengths.rows {
      let to = direction.joined + (step * lengths.rows + row) * lengths.joined
      if step < counts[row] {
        let from = x.base + lengths.input(row, time(step, row, direction))
        to.update(from: from, count: width)
      } else {
        to.update(repeating: 0, count: width)
      }
    }
  }

  /// What the inputs, the state and the biases say to every gate of a step.
  private func project(
    _ step: RecurrentStep, _ number: Int, _ direction: Direction, _ weights: RecurrentWeights
  ) throws(OperatorError) {
    let (n, total) = (lengths.hidden, lengths.rows)
    var first = 0
    for (block, gates) in Cell.blocks.enumerated() {
      let width = gates * n
      let base = direction.gates(block) + number * total * width
      let filled = Cell.addsBiases ? nil : weights.biases
      if let filled, let sum = weights.biasSum {
        let apart = direction.cell.splitsCandidates && block == Cell.blocks.count - 1
        let row = (apart ? filled : sum) + first * n
        for index in 0..<total { (base + index * width).update(from: row, count: width) }
      }
      let joins = direction.cell.joins(block) && !step.isFresh
      let depth = joins ? lengths.joined : lengths.inputs
      try product(
        Matrix(
          direction.joined + number * total * lengths.joined, rows: total, columns: depth,
          stride: lengths.joined),
        Matrix(weights.transposed + first * n * lengths.joined, rows: depth, columns: width),
        into: Matrix(base, rows: total, columns: width), beta: filled == nil ? 0 : 1)
      first += gates
    }
  }

  /// Sets the state before the first step.
  private func start(
    _ states: UnsafeMutablePointer<Float>, every stride: Int, _ given: Tensor?, _ direction: Int
  ) {
    let n = lengths.hidden
    for row in 0..<lengths.rows {
      if let given {
        let from = given.base + lengths.state(row, direction)
        (states + row * stride).update(from: from, count: n)
      } else {
        (states + row * stride).update(repeating: 0, count: n)
      }
    }
  }

  /// Past its end a sample keeps its state.
  private func hold(_ step: RecurrentStep, _ number: Int) {
    let n = lengths.hidden
    for row in 0..<lengths.rows where number >= counts[row] {
      let at = row * step.stride
      (step.state + at).update(from: step.stateBefore + at, count: n)
      if Cell.hasMemory {
        (step.memory + row * n).update(from: step.memoryBefore + row * n, count: n)
      }
    }
  }

  /// Writes a step of Y, with zeros past the end of a sample.
  private func write(
    _ step: RecurrentStep, _ number: Int, _ direction: Direction, _ index: Int, _ y: Tensor
  ) {
    for row in 0..<step.rows {
      let to = y.base + lengths.output(row, time(number, row, direction), index)
      if number < counts[row] {
        to.update(from: step.state + row * step.stride, count: step.hidden)
      } else {
        to.update(repeating: 0, count: step.hidden)
      }
    }
  }

  /// Writes the last state and the last memory.
  private func end(_ direction: Direction, _ index: Int, _ outputs: [Tensor]) {
    let (n, rows) = (lengths.hidden, lengths.rows)
    let (states, memories) = (direction.joined + lengths.inputs, direction.memories)
    for row in 0..<rows {
      let (at, last) = (lengths.state(row, index), lengths.steps * rows + row)
      if outputs.count > 1 {
        (outputs[1].base + at).update(from: states + last * lengths.joined, count: n)
      }
      if Cell.hasMemory && outputs.count > 2 {
        (outputs[2].base + at).update(from: memories + last * n, count: n)
      }
    }
  }
}
