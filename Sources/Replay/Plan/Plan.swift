import Operators
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
  /// How the samples of a batch meet in each loss.
  public let couplings: [LossCoupling]

  /// Applies the shape rules of all nodes and losses.
  ///
  /// - Throws: `ReplayError.node` or `.loss` when shapes do not fit.
  public init(_ run: Run, rows: Int) throws(ReplayError) {
    let graph = run.graph
    let scalar = Operand(.scalar, batched: false)
    var operands = [Operand](repeating: scalar, count: graph.tensors.count)
    var unitAxes = [Int?](repeating: nil, count: graph.tensors.count)
    var roles = [ParameterRole?](repeating: nil, count: graph.tensors.count)
    var keepsSamples = true
    for input in graph.inputs {
      guard let array = run.data[graph.tensors[input]] else { continue }
      let shape = try Self.shape([rows] + array.shape.dropFirst())
      operands[input] = Operand(shape)
      unitAxes[input] = shape.rank > 1 ? shape.rank - 1 : nil
    }
    for parameter in graph.parameters {
      operands[parameter.tensor] = Operand(
        try Self.shape(parameter.array.shape), batched: false,
        constant: parameter.trainable ? nil : Self.smallConstant(parameter))
    }
    for node in graph.nodes {
      let inputs = node.inputs.map { $0.map { operands[$0] } }
      let batched = inputs.contains { $0?.batched ?? false }
      let shapes = try naming(node) { () throws(OperatorError) in try node.kind.outputShapes(inputs)
      }
      if batched && !node.kind.keepsSamples(inputs, shapes) { keepsSamples = false }
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
    self.unitAxes = unitAxes
    self.roles = roles
    self.keepsSamples = keepsSamples
    couplings = try Self.couplings(run, operands, rows)
  }

  private static func shape(_ dims: [Int]) throws(ReplayError) -> Shape {
    do throws(TensorError) { return try Shape(dims) } catch { throw .system(error) }
  }

  /// The values of a constant that may be a shape, an axis or a ratio: at most 64 of them.
  private static func smallConstant(_ parameter: Graph.Parameter) -> [Double]? {
    guard parameter.array.count <= 64 else { return nil }
    var values = [Double](repeating: 0, count: parameter.array.count)
    let read: Void? = values.withUnsafeMutableBufferPointer { buffer in
      try? parameter.array.readDoubles(rows: 0..<parameter.array.rows, into: buffer)
    }
    return read == nil ? nil : values
  }

  private static func couplings(
    _ run: Run, _ operands: [Operand], _ rows: Int
  ) throws(ReplayError) -> [LossCoupling] {
    var result: [LossCoupling] = []
    for term in run.losses {
      let target = try shape([rows] + (run.data[term.target]?.shape.dropFirst() ?? []))
      do throws(OperatorError) {
        result.append(try coupling(term, operands, target, run))
      } catch { throw .loss(term.place, kind: term.kind, error) }
    }
    return result
  }

  private static func coupling(
    _ term: Run.LossTerm, _ operands: [Operand], _ target: Shape, _ run: Run
  ) throws(OperatorError) -> LossCoupling {
    let prediction = operands[term.prediction].shape
    let coupling = try term.loss.coupling(prediction: prediction, target: target)
    if let second = term.second {
      try term.loss.checkSecond(operands[second].shape, prediction: prediction)
    }
    guard let name = term.sampleWeight, run.data[name] != nil else { return coupling }
    guard coupling != .mixed else {
      throw .shapes(
        found: "one weight a sample, but a prediction of \(prediction) meets targets of \(target)",
        expected: "shapes in which each term belongs to one sample")
    }
    return term.reduction == .weightedMean ? .weighted : coupling
  }
}
