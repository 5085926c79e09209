import Tensors

// Backward through time: a step gives the slopes of its gates in the place of their values, which
// nobody needs any more; products over all steps at once turn those into the gradients of X, W, R and B.

/// The places of the gradients in memory.
private enum Place {
  static let ones = 0
  static let inputs = 1
  static let state = 2
  static let memory = 3
  static let scratch = 4
  static let recurrent = 5
  static let held = 6
  static let weights = 7
}

extension RecurrentKernel {
  func backward(_ node: Backward) throws(OperatorError) {
    node.inputGradients.optional(4)?.fill(0)
    let slopes = try gradients()
    for (index, direction) in directions.enumerated() {
      guard let weights = weights(node.inputs, index) else { return }
      end(slopes[Place.state], node.outputGradients, 1, index)
      end(slopes[Place.memory], node.outputGradients, 2, index)
      for number in (0..<lengths.steps).reversed() {
        enter(node.outputGradients[0], number, direction, index, slopes)
        let step = step(number, direction)
        try walk(back: step, number, direction, weights, slopes)
      }
      try parameters(node, direction, index, slopes)
      if let dx = node.inputGradients.optional(0) {
        try inputs(dx, direction, index, weights, slopes)
      }
      store(slopes[Place.state], into: node.inputGradients.optional(5), index)
      store(slopes[Place.memory], into: node.inputGradients.optional(6), index)
    }
  }

  /// The memory of the way back, made when it is first walked.
  private func gradients() throws(OperatorError) -> Workspace {
    if let slopes { return slopes }
    let (steps, rows, n) = (lengths.steps, lengths.rows, lengths.hidden)
    let splits = directions.contains { $0.cell.splitsCandidates }
    let made = try Workspace(
      dims: [
        [steps, rows], [steps, rows, lengths.inputs], [rows, n], [rows, n], [rows, n],
        [splits ? steps : 0, rows, n], [2, rows, n], [Cell.gates * n, lengths.joined],
      ])
    made.tensors[Place.ones].fill(1)
    slopes = made
    return made
  }

  /// The gradient of the last state, or of the last memory.
  private func end(
    _ state: UnsafeMutablePointer<Float>, _ gradients: [Tensor], _ output: Int, _ index: Int
  ) {
    let n = lengths.hidden
    for row in 0..<lengths.rows {
      if output < gradients.count {
        let from = gradients[output].base + lengths.state(row, index)
        (state + row * n).update(from: from, count: n)
      } else {
        (state + row * n).update(repeating: 0, count: n)
      }
    }
  }

  /// Adds what the output of a step says to the gradient of its state.
  private func enter(
    _ dy: Tensor, _ number: Int, _ direction: Direction, _ index: Int, _ slopes: Workspace
  ) {
    let n = lengths.hidden
    for row in 0..<lengths.rows where number < counts[row] {
      let to = slopes[Place.state] + row * n
      let from = dy.base + lengths.output(row, time(number, row, direction), index)
      forEachVector(n) { to.store($0, to.vector($0) + from.vector($0)) }
    }
  }

  private func walk(
    back step: RecurrentStep, _ number: Int, _ direction: Direction, _ weights: RecurrentWeights,
    _ slopes: Workspace
  ) throws(OperatorError) {
    let block = lengths.rows * lengths.hidden
    let last = Cell.blocks.count - 1
    let places = RecurrentSlopes(
      gates: step.gates, candidates: step.candidates,
      recurrent: slopes[Place.recurrent] + number * block, state: slopes[Place.state],
      memory: slopes[Place.memory], scratch: slopes[Place.scratch])
    let held = slopes[Place.held]
    if varying {
      held.update(from: places.state, count: block)
      (held + block).update(from: places.memory, count: block)
    }
    try direction.cell.backward(step, places, weights)
    guard varying else { return }
    // Past its end a sample hands its gradient on.
    let n = lengths.hidden
    for row in 0..<lengths.rows where number >= counts[row] {
      (places.state + row * n).update(from: held + row * n, count: n)
      (places.memory + row * n).update(from: held + block + row * n, count: n)
      if direction.cell.splitsCandidates {
        (places.recurrent + row * n).update(repeating: 0, count: n)
      }
      (places.gates + row * n * Cell.blocks[0]).update(repeating: 0, count: n * Cell.blocks[0])
      (places.candidates + row * n * Cell.blocks[last])
        .update(repeating: 0, count: n * Cell.blocks[last])
    }
  }

  /// The gradients of W, R, B and P.
  private func parameters(
    _ node: Backward, _ direction: Direction, _ index: Int, _ slopes: Workspace
  ) throws(OperatorError) {
    let (n, total, gates) = (lengths.hidden, lengths.steps * lengths.rows, Cell.gates)
    let ones = Matrix(slopes[Place.ones], rows: 1, columns: total)
    var first = 0
    for (block, count) in Cell.blocks.enumerated() {
      let own = Matrix(direction.gates(block), rows: total, columns: count * n)
      let apart = block == Cell.blocks.count - 1 && direction.cell.splitsCandidates
      let recurrent = apart ? Matrix(slopes[Place.recurrent], rows: total, columns: n) : own
      let dw = node.inputGradients.optional(1).map {
        $0.base + (index * gates + first) * n * lengths.inputs
      }
      let dr = node.inputGradients.optional(2).map { $0.base + (index * gates + first) * n * n }
      try factors(dw, dr, block, direction, own, recurrent, slopes[Place.weights])
      if let db = node.inputGradients.optional(3) {
        let to = db.base + (2 * index * gates + first) * n
        try product(ones, own, into: Matrix(to, rows: 1, columns: count * n))
        if apart {
          try product(
            ones, recurrent, into: Matrix(to + gates * n, rows: 1, columns: count * n))
        } else {
          (to + gates * n).update(from: to, count: count * n)
        }
      }
      first += count
    }
    if let dp = node.inputGradients.optional(7) {
      peepholes(dp.base + index * 3 * n, direction)
    }
  }

  /// The gradients of W and R for one block of gates.
  private func factors(
    _ dw: UnsafeMutablePointer<Float>?, _ dr: UnsafeMutablePointer<Float>?, _ block: Int,
    _ direction: Direction, _ own: Matrix, _ recurrent: Matrix,
    _ scratch: UnsafeMutablePointer<Float>
  ) throws(OperatorError) {
    let (n, inputs, joined) = (lengths.hidden, lengths.inputs, lengths.joined)
    let (total, height) = (lengths.steps * lengths.rows, Cell.blocks[block] * n)
    if let dw, let dr, direction.cell.joins(block) {
      try product(
        own.t, Matrix(direction.joined, rows: total, columns: joined),
        into: Matrix(scratch, rows: height, columns: joined))
      for row in 0..<height {
        let from = scratch + row * joined
        (dw + row * inputs).update(from: from, count: inputs)
        (dr + row * n).update(from: from + inputs, count: n)
      }
      return
    }
    if let dw {
      try product(
        own.t, Matrix(direction.joined, rows: total, columns: inputs, stride: joined),
        into: Matrix(dw, rows: height, columns: inputs))
    }
    guard let dr else { return }
    let isLast = block == Cell.blocks.count - 1
    let read =
      isLast && direction.cell.recurrenceReadsExtra
      ? Matrix(direction.extra, rows: total, columns: n)
      : Matrix(direction.joined + inputs, rows: total, columns: n, stride: joined)
    try product(recurrent.t, read, into: Matrix(dr, rows: height, columns: n))
  }

  /// The gradient of the factors of the memory, in the order input, output, forget.
  private func peepholes(
    _ dp: UnsafeMutablePointer<Float>, _ direction: Direction
  ) {
    let n = lengths.hidden
    dp.update(repeating: 0, count: 3 * n)
    for row in 0..<(lengths.steps * lengths.rows) {
      let (di, before) = (direction.gates(0) + row * 4 * n, direction.memories + row * n)
      for gate in 0..<3 {
        // The output gate sees the memory after the step.
        let memory = gate == 1 ? before + lengths.rows * n : before
        let (to, slope) = (dp + gate * n, di + gate * n)
        forEachVector(n) {
          to.store($0, to.vector($0) + slope.vector($0) * memory.vector($0))
        }
      }
    }
  }

  /// The gradient of X, of which every direction gives a part.
  private func inputs(
    _ dx: Tensor, _ direction: Direction, _ index: Int, _ weights: RecurrentWeights,
    _ slopes: Workspace
  ) throws(OperatorError) {
    let (n, total, width) = (lengths.hidden, lengths.steps * lengths.rows, lengths.inputs)
    let direct = isPlain(direction) && index == 0
    let base = direct ? dx.base : slopes[Place.inputs]
    var first = 0
    for (block, count) in Cell.blocks.enumerated() {
      try product(
        Matrix(direction.gates(block), rows: total, columns: count * n),
        Matrix(weights.input + first * n * width, rows: count * n, columns: width),
        into: Matrix(base, rows: total, columns: width), beta: block == 0 ? 0 : 1)
      first += count
    }
    guard !direct else { return }
    for step in 0..<lengths.steps {
      for row in 0..<lengths.rows {
        let from = base + (step * lengths.rows + row) * width
        let to = dx.base + lengths.input(row, time(step, row, direction))
        if index == 0 {
          to.update(from: from, count: width)
        } else {
          forEachVector(width) { to.store($0, to.vector($0) + from.vector($0)) }
        }
      }
    }
  }

  private func store(_ state: UnsafeMutablePointer<Float>, into gradient: Tensor?, _ index: Int) {
    guard let gradient else { return }
    let n = lengths.hidden
    for row in 0..<lengths.rows {
      (gradient.base + lengths.state(row, index)).update(from: state + row * n, count: n)
    }
  }
}
