import Npy
import Replay
import Runs
import Tensors

/// The last layer of a network fitted again, alone, to what it takes in: by least squares under a
/// squared error, and by a few steps of Newton's method with a search along each under any other loss.
/// It is fitted to one half of the rows and judged on the other, both ways.
public struct HeadRefit: Sendable {
  /// What the network loses, and what it loses with its last layer fitted again; by half.
  public let before: [Double]
  /// The loss after it.
  public let after: [Double]
  /// Rows of both halves.
  public let rows: Int
  /// Values that the layer takes in.
  public let width: Int

  /// The layer.
  public struct Layer: Sendable {
    /// What it takes in.
    public let input: Int
    /// Its kernel, a matrix, and the axis of its units.
    public let kernel: Int
    /// The axis of the units in the kernel.
    public let unitAxis: Int
    /// Its bias; nil for none.
    public let bias: Int?

    /// A layer.
    public init(input: Int, kernel: Int, unitAxis: Int, bias: Int?) {
      self.input = input
      self.kernel = kernel
      self.unitAxis = unitAxis
      self.bias = bias
    }
  }

  /// The fewest rows.
  public static let fewest = 40
  static let widthLimit = 512
  static let steps = 6
  /// Arithmetic of all replays.
  static let budget = 2e10

  /// Fits it.
  ///
  /// - Returns: nil where there are too few rows, too many values, or it would take long.
  /// - Throws: `RunError` when the run cannot be replayed.
  public init?(
    _ sample: DistinctSample, _ layer: Layer, _ weights: Weights, _ progress: Progress
  ) throws(RunError) {
    let count = sample.run.samples
    guard count >= Self.fewest else { return nil }
    var random = FixedRandom(seed: 29)
    // A network is judged as it is used.
    let run = try sample.run.selecting(random.permutation(count)).evaluating()
    let half = count / 2
    let plan = try Plan(run, rows: half)
    guard Workload.operations(run, plan) * Double(10 * Self.steps) <= Self.budget,
      plan.operands[layer.kernel].shape.rank == 2
    else { return nil }
    width = plan.operands[layer.kernel].shape[1 - layer.unitAxis]
    guard width <= Self.widthLimit else { return nil }
    let stepper = try Stepper(run, from: weights, progress: progress)
    guard let kernel = stepper.slots.firstIndex(where: { $0.parameter.tensor == layer.kernel })
    else { return nil }
    let bias = layer.bias.flatMap { tensor in
      stepper.slots.firstIndex { $0.parameter.tensor == tensor }
    }
    var (before, after) = ([Double](), [Double]())
    for (fitted, judged) in [(0..<half, half..<(2 * half)), (half..<(2 * half), 0..<half)] {
      stepper.reset()
      before.append(try stepper.dataLoss(judged))
      guard
        try Self.fit(
          stepper, fitted, (layer.input, kernel, bias), width: width, unitAxis: layer.unitAxis)
      else { return nil }
      after.append(try stepper.dataLoss(judged))
    }
    guard (before + after).allSatisfy(\.isFinite) else { return nil }
    self.before = before
    self.after = after
    rows = 2 * half
  }

  private static func fit(
    _ stepper: Stepper, _ rows: Range<Int>, _ layer: (input: Int, kernel: Int, bias: Int?),
    width: Int, unitAxis: Int
  ) throws(RunError) -> Bool {
    var loss = try stepper.gradient(rows, penalized: false)
    let inner = Array(stepper.value(of: layer.input))
    guard loss.isFinite, width > 0, inner.count % width == 0, inner.allSatisfy(\.isFinite),
      let solver = solver(inner, width, hasBias: layer.bias != nil)
    else { return false }
    let order = width + (layer.bias == nil ? 0 : 1)
    let columns = stepper.slots[layer.kernel].values.count / width
    // Of a mean of squares, half of the rows is Newton's own step.
    var length = Double(inner.count / width) / 2
    for step in 0..<steps {
      if step > 0 { loss = try stepper.gradient(rows, penalized: false) }
      var slopes = [Double](repeating: 0, count: order * columns)
      let gradient = stepper.gradient(of: layer.kernel)
      let place = { (row: Int, column: Int) in
        unitAxis == 1 ? row * columns + column : column * width + row
      }
      for row in 0..<width {
        for column in 0..<columns {
          slopes[row * columns + column] = Double(gradient[place(row, column)])
        }
      }
      if let bias = layer.bias {
        let own = stepper.gradient(of: bias)
        guard own.count == columns else { return false }
        for column in 0..<columns { slopes[width * columns + column] = Double(own[column]) }
      }
      let direction = solver.solve(slopes, columns: columns)
      let kernel = stepper.slots[layer.kernel].values
      let start = Array(kernel)
      let startBias = layer.bias.map { Array(stepper.slots[$0].values) } ?? []
      let move = { (length: Double) in
        for row in 0..<width {
          for column in 0..<columns {
            let at = place(row, column)
            kernel[at] = start[at] - Float(length * direction[row * columns + column])
          }
        }
        guard let bias = layer.bias else { return }
        for column in 0..<columns {
          stepper.slots[bias].values[column] =
            startBias[column] - Float(length * direction[width * columns + column])
        }
      }
      guard let best = try search(from: length, loss, stepper, rows, move) else {
        move(0)
        return true
      }
      move(best.length)
      length = best.length
      if loss - best.loss < 1e-3 * abs(loss) { return true }
    }
    return true
  }

  /// The best of some lengths of a step, each twice or half the one before; nil where none is better.
  private static func search(
    from length: Double, _ loss: Double, _ stepper: Stepper, _ rows: Range<Int>,
    _ move: (Double) -> Void
  ) throws(RunError) -> (length: Double, loss: Double)? {
    func at(_ length: Double) throws(RunError) -> Double {
      move(length)
      let found = try stepper.dataLoss(rows)
      return found.isFinite ? found : .infinity
    }
    let whole = try at(length)
    var best = (length: length, loss: whole)
    // Half as far may be better even where this is no worse than nothing.
    for factor in [0.5, 2] {
      if factor == 2, best.length < length { break }
      for _ in 0..<8 {
        let next = (length: best.length * factor, loss: try at(best.length * factor))
        let isBetter = next.loss < best.loss
        if isBetter { best = next }
        if factor == 0.5, !isBetter, best.loss >= loss {
          best.length *= factor
        } else if !isBetter {
          break
        }
      }
    }
    return best.loss < loss ? best : nil
  }

  /// The inner products of the columns, with one of ones for a bias, and hardly a penalty.
  private static func solver(_ inner: [Float], _ width: Int, hasBias: Bool) -> Cholesky? {
    let rows = inner.count / width
    guard
      let products = product(
        inner, inner, (rows: width, columns: width, depth: rows), transposing: (true, false))
    else { return nil }
    let order = width + (hasBias ? 1 : 0)
    var system = [Double](repeating: 0, count: order * order)
    for row in 0..<width {
      for column in 0..<width {
        system[row * order + column] = Double(products[row * width + column])
      }
    }
    if hasBias {
      for (index, value) in inner.enumerated() {
        let column = index % width
        system[column * order + width] += Double(value)
        system[width * order + column] += Double(value)
      }
      system[width * order + width] = Double(rows)
    }
    let trace = (0..<order).reduce(0.0) { $0 + system[$1 * order + $1] }
    guard trace > 0 else { return nil }
    for index in 0..<order { system[index * order + index] += 1e-5 * trace / Double(order) }
    return Cholesky(system, order: order)
  }
}
