import Operators
import Runs
import Tensors

/// What is known of every tensor before any value is there, for one number of rows in a batch.
public struct Plan: Sendable {
  /// Rows of a batch.
  public let rows: Int
  /// Every tensor's shape, whether it has samples along axis 0, and its value when it is constant.
  public let operands: [Operand]
  /// The axis along which a tensor's units lie; nil when it has none.
  public let unitAxes: [Int?]
  /// What every parameter is to the first node that uses it; nil for inputs and the rest.
  public let roles: [ParameterRole?]
  /// Whether every node treats the samples of a batch apart from each other.
  public let keepsSamples: Bool
  /// The first node that lets samples of a batch meet each other; nil when none does.
  public let coupler: Int?
  /// By tensor: the axes whose lengths follow the number of rows in a batch.
  public let batchAxes: [[Int]]
  /// How the samples of a batch meet in each loss.
  public let couplings: [LossCoupling]

  /// Applies the shape rules of all nodes and losses.
  ///
  /// - Throws: `RunError.node` or `.loss` when shapes do not fit, `.memory` when the tensors of a
  ///   batch take more than the run may have.
  public init(_ run: Run, rows: Int) throws(RunError) {
    try self.init(run, rows: rows, comparing: true)
  }

  private init(_ run: Run, rows: Int, comparing: Bool) throws(RunError) {
    let graph = run.graph
    let scalar = Operand(.scalar, batched: false)
    var operands = [Operand](repeating: scalar, count: graph.tensors.count)
    var unitAxes = [Int?](repeating: nil, count: graph.tensors.count)
    var roles = [ParameterRole?](repeating: nil, count: graph.tensors.count)
    var coupler: Int?
    var bytes = ByteCount()
    for input in graph.inputs {
      guard let array = run.data[graph.tensors[input]] else { continue }
      let shape = try Self.shape([rows] + array.shape.dropFirst())
      bytes.add(Self.measured(shape), of: Self.bytesPerValue)
      try run.memory.require(bytes.total, for: "a batch of \(graph.tensors[input])")
      operands[input] = Operand(shape)
      unitAxes[input] = shape.rank > 1 ? shape.rank - 1 : nil
    }
    for parameter in graph.parameters {
      bytes.add(parameter.array.count, of: parameter.trainable ? Self.bytesPerWeight : 4)
      try run.memory.require(bytes.total, for: "parameter \"\(parameter.name)\"")
      operands[parameter.tensor] = Operand(
        try Self.shape(parameter.array.shape), batched: false,
        constant: parameter.trainable ? nil : Self.smallConstant(parameter))
    }
    for (index, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { $0.map { operands[$0] } }
      let batched = inputs.contains { $0?.batched ?? false }
      let shapes = try naming(node) { () throws(OperatorError) in try node.kind.outputShapes(inputs)
      }
      for shape in shapes { bytes.add(Self.measured(shape), of: Self.bytesPerValue) }
      try run.memory.require(
        bytes.total,
        for: "a batch up to node \"\(node.name)\" (\(node.op)), \(shapes.first ?? .scalar),")
      if coupler == nil, batched, !node.kind.keepsSamples(inputs, shapes) { coupler = index }
      let constant = batched ? nil : node.kind.constant(inputs)
      for (output, shape) in zip(node.outputs, shapes) {
        operands[output] = Operand(shape, batched: batched, constant: constant)
        unitAxes[output] = node.kind.unitAxis(
          inputs, node.inputs.map { $0.flatMap { unitAxes[$0] } }, shape)
      }
      for (input, role) in zip(node.inputs, node.kind.roles(inputs)) {
        if let input, let role, roles[input] == nil { roles[input] = role }
      }
    }
    self.rows = rows
    self.operands = operands
    self.roles = roles
    self.coupler = coupler
    keepsSamples = coupler == nil
    batchAxes = Self.batchAxes(
      run, operands, rows, compared: coupler != nil && comparing)
    // Samples are no units: neither where they should be, nor where a node has moved them.
    self.unitAxes = zip(unitAxes, batchAxes).map { axis, batch in
      axis.flatMap { batch.contains($0) ? nil : $0 }
    }
    couplings = try Self.couplings(run, operands, rows, bytes)
  }

  /// How many units are measured of a tensor.
  func units(_ tensor: Int) -> Int {
    UnitLayout(operands[tensor].shape, axis: unitAxes[tensor]).units
  }

  /// How much of a tensor has to be kept: its values, or, where it has none, the units that are measured
  /// all the same, at most as many as its longest axis has.
  private static func measured(_ shape: Shape) -> Int {
    shape.count > 0 ? shape.count : shape.dims.max() ?? 0
  }

  /// A value, its gradient, and what is measured of a unit, in bytes.
  private static let bytesPerValue = 16
  /// A trainable weight: its gradient in float32 and in double, and two copies in trials.
  private static let bytesPerWeight = 24

  /// Which axes follow the rows: axis 0 where samples are kept apart, else those that differ in a
  /// batch of another size, or all where no other size fits.
  private static func batchAxes(
    _ run: Run, _ operands: [Operand], _ rows: Int, compared: Bool
  ) -> [[Int]] {
    guard compared else { return operands.map { $0.batched && $0.shape.rank > 0 ? [0] : [] } }
    for others in [2 * rows, 3 * rows, rows + 1] {
      guard let other = try? Plan(run, rows: others, comparing: false) else { continue }
      return zip(operands, other.operands).map { here, there in
        here.shape.dims.indices.filter {
          $0 >= there.shape.rank || here.shape[$0] != there.shape[$0]
        }
      }
    }
    return operands.map { $0.batched ? Array($0.shape.dims.indices) : [] }
  }

  private static func shape(_ dims: [Int]) throws(RunError) -> Shape {
    do throws(TensorError) { return try Shape(dims) } catch { throw .system(error) }
  }

  /// The values of a constant that may be a shape, an axis or a ratio: at most 64 of them.
  private static func smallConstant(_ parameter: Graph.Parameter) -> [Double]? {
    guard parameter.array.count <= 64 else { return nil }
    return try? parameter.array.doubles()
  }

  private static func couplings(
    _ run: Run, _ operands: [Operand], _ rows: Int, _ batch: ByteCount
  ) throws(RunError) -> [LossCoupling] {
    var bytes = batch
    var result: [LossCoupling] = []
    for term in run.losses {
      let target = try shape([rows] + (run.data[term.target]?.shape.dropFirst() ?? []))
      var elements: [Int] = []
      do throws(OperatorError) {
        let others = try others(term, operands, target, run)
        result.append(try coupling(term, operands[term.prediction].shape, target, others, run))
        if let loss = term.loss as? GraphLoss {
          elements = try loss.shapes([operands[term.prediction].shape, target] + others).map(
            \.count)
        }
      } catch { throw .loss(term.place, kind: term.kind, error) }
      for count in elements { bytes.add(count, of: bytesPerValue) }
      try run.memory.require(bytes.total, for: "a batch up to the graph of \(term.place)")
    }
    return result
  }

  /// The shapes of what a loss takes beside prediction and targets.
  private static func others(
    _ term: Run.LossTerm, _ operands: [Operand], _ target: Shape, _ run: Run
  ) throws(OperatorError) -> [Shape] {
    var others: [Shape] = []
    for other in term.others {
      switch other {
      case .tensor(let tensor): others.append(operands[tensor].shape)
      case .data(let name):
        let rows = Array(target.dims.prefix(1))
        let row = Array((run.data[name]?.shape ?? []).dropFirst())
        do throws(TensorError) {
          others.append(try Shape(rows + row))
        } catch { throw .tensor(error) }
      }
    }
    return others
  }

  private static func coupling(
    _ term: Run.LossTerm, _ prediction: Shape, _ target: Shape, _ others: [Shape], _ run: Run
  ) throws(OperatorError) -> LossCoupling {
    let coupling = try term.loss.coupling(
      prediction: prediction, target: target, others: others)
    guard let name = term.sampleWeight, run.data[name] != nil else { return coupling }
    guard coupling != .mixed, coupling != .whole else {
      throw .shapes(
        found:
          "one weight per sample, but a prediction of \(prediction) meets targets of \(target)",
        expected: "shapes in which each term belongs to one sample")
    }
    return term.reduction == .weightedMean ? .weighted : coupling
  }
}
