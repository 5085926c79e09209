import Npy
import Operators
import Replay
import Runs
import Tensors

/// Takes the standardization of inputs and targets into the first and the last layers, so that weights
/// that were trained on standardized data fit the data as they are. What comes out is held against what
/// the weights gave before, and left as it was where it is not the same.
struct Folding {
  private let variant: CureVariant
  /// The same rows as they are.
  private let plain: TrialData

  /// How far predictions may be from what they were, as a share of their deviation.
  private static let tolerance = 1e-3
  private static let rows = 64

  init(_ variant: CureVariant, _ plain: TrialData) { (self.variant, self.plain) = (variant, plain) }

  /// - Returns: values of parameters by name, and the arrays whose standardization is in them.
  func fold(
    _ values: [String: [Float]]
  ) throws(RunError) -> (values: [String: [Float]], folded: Set<String>) {
    var (values, folded) = (values, Set<String>())
    guard !variant.scales.isEmpty else { return (values, folded) }
    let run = variant.data.run
    let plan = try Plan(run, rows: 1)
    for name in variant.scales.keys.sorted() {
      guard let scales = variant.scales[name] else { continue }
      var other = values
      let isInput = run.graph.inputs.contains { run.graph.tensors[$0] == name }
      let isDone =
        isInput
        ? try foldInput(name, scales, plan, &other) : try foldTarget(name, scales, plan, &other)
      guard isDone, try isSame(values, other, name, scales, isInput, folded) else { continue }
      values = other
      folded.insert(name)
    }
    return (values, folded)
  }

  /// `w·(x − m)·f + b` is `(w·f)·x + (b − w·f·m)`.
  private func foldInput(
    _ name: String, _ scales: Scales, _ plan: Plan, _ values: inout [String: [Float]]
  ) throws(RunError) -> Bool {
    let graph = variant.data.run.graph
    guard let input = graph.tensor(named: name) else { return false }
    var open = [input]
    var isDone = false
    while let tensor = open.popLast() {
      for use in graph.consumers[tensor] {
        let node = graph.nodes[use.node]
        if node.kind.states(.keepsOrder), let output = node.outputs.first {
          open.append(output)
          continue
        }
        guard let layer = Layer(use.node, graph, plan), layer.kernel != nil else { return false }
        guard layer.isFrom(tensor, node), try layer.scaleInputs(scales, &values, plan, graph) else {
          return false
        }
        isDone = true
      }
    }
    return isDone
  }

  /// `(w·x + b) / f + m` is `(w / f)·x + (b / f + m)`.
  private func foldTarget(
    _ name: String, _ scales: Scales, _ plan: Plan, _ values: inout [String: [Float]]
  ) throws(RunError) -> Bool {
    let run = variant.data.run
    let terms = run.losses.filter { $0.target == name }
    guard terms.count == 1, let term = terms.first, term.second == nil else { return false }
    var tensor = term.prediction
    while let index = run.graph.producer[tensor] {
      let node = run.graph.nodes[index]
      if node.kind.states(.keepsOrder), let from = node.inputs.first.flatMap({ $0 }) {
        tensor = from
        continue
      }
      guard let layer = Layer(index, run.graph, plan) else { return false }
      return try layer.scaleOutputs(scales, &values, plan, run.graph)
    }
    return false
  }

  /// Whether the network predicts the same with the standardization inside as with it outside.
  private func isSame(
    _ old: [String: [Float]], _ new: [String: [Float]], _ name: String, _ scales: Scales,
    _ isInput: Bool, _ folded: Set<String>
  ) throws(RunError) -> Bool {
    func predictions(_ values: [String: [Float]], raw: Set<String>) throws(RunError) -> [[Float]] {
      var run = variant.data.run
      var data: [String: NpyArray] = [:]
      for name in raw { data[name] = try restored(name) }
      run = run.replacingData(data, rows: run.samples)
      let stepper = try Stepper(run, from: try Weights(run), progress: Progress())
      for slot in stepper.slots {
        guard let own = values[slot.parameter.name] else { continue }
        for i in own.indices { slot.values[i] = own[i] }
      }
      _ = try stepper.dataLoss(0..<min(Self.rows, run.samples))
      return run.losses.map { Array(stepper.value(of: $0.prediction)) }
    }
    let inputs = Set(variant.data.run.graph.inputs.map { variant.data.run.graph.tensors[$0] })
    let before = folded.intersection(inputs)
    var expected = try predictions(old, raw: before)
    let found = try predictions(new, raw: isInput ? before.union([name]) : before)
    for (index, term) in variant.data.run.losses.enumerated() {
      if !isInput, term.target == name { scales.restore(&expected[index]) }
      let (a, b) = (expected[index], found[index])
      let mean = a.reduce(0.0) { $0 + Double($1) } / Double(max(1, a.count))
      let spread = a.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      let error = zip(a, b).reduce(0.0) {
        $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1))
      }
      guard error.isFinite, error <= Self.tolerance * Self.tolerance * max(spread, 1e-12) else {
        return false
      }
    }
    return true
  }

  private func restored(_ name: String) throws(RunError) -> NpyArray? {
    guard let array = variant.data.run.data[name], let scales = variant.scales[name] else {
      return nil
    }
    let block = try FloatBlock(reading: array)
    var values = Array(block.buffer)
    scales.restore(&values)
    return try FloatBlock(values).array(array.shape, name: name)
  }
}

/// A layer `w·x + b`: its kernel and the bias that is added in it or right behind it.
private struct Layer {
  let kernel: Graph.Parameter?
  private let bias: Graph.Parameter?
  private let node: Int

  init?(_ index: Int, _ graph: Graph, _ plan: Plan) {
    var index = index
    var bias = Self.operand(index, .bias, graph, plan)
    var kernel = Self.operand(index, .kernel, graph, plan)
    if kernel == nil {
      // A bias that is added behind the product.
      guard bias != nil,
        let from = graph.nodes[index].inputs.compactMap({ $0 }).first(where: {
          graph.producer[$0] != nil
        }), let before = graph.producer[from]
      else { return nil }
      index = before
      kernel = Self.operand(index, .kernel, graph, plan)
    } else if bias == nil, let output = graph.nodes[index].outputs.first,
      graph.consumers[output].count == 1, let use = graph.consumers[output].first,
      graph.nodes[use.node].kind.states(.adds)
    {
      bias = Self.operand(use.node, .bias, graph, plan)
    }
    guard graph.nodes[index].kind.states(.weighs), let kernel, kernel.trainable,
      graph.consumers[kernel.tensor].count == 1
    else { return nil }
    self.kernel = kernel
    self.bias = bias.flatMap { $0.trainable ? $0 : nil }
    node = index
  }

  private static func operand(
    _ node: Int, _ kind: ParameterRole.Kind, _ graph: Graph, _ plan: Plan
  ) -> Graph.Parameter? {
    for case let input? in graph.nodes[node].inputs where plan.roles[input]?.kind == kind {
      if let parameter = graph.parameter(at: input) { return parameter }
    }
    return nil
  }

  /// Whether the layer takes a tensor as what its kernel weighs.
  func isFrom(_ tensor: Int, _ node: Graph.Node) -> Bool { node.inputs.first == tensor }

  func scaleInputs(
    _ scales: Scales, _ values: inout [String: [Float]], _ plan: Plan, _ graph: Graph
  ) throws(RunError) -> Bool {
    guard let kernel, let role = plan.roles[kernel.tensor], var own = values[kernel.name] else {
      return false
    }
    let shape = plan.operands[kernel.tensor].shape
    let layout = UnitLayout(shape, axis: role.unitAxis, batched: false)
    let width = layout.outer * layout.inner
    guard scales.columns.count == 1 || scales.columns.count == width && shape.rank == 2 else {
      return false
    }
    var shifts = [Double](repeating: 0, count: layout.units)
    for unit in 0..<layout.units {
      for outer in 0..<layout.outer {
        let start = layout.run(unit, outer)
        for inner in 0..<layout.inner {
          let scale = scales.columns[scales.columns.count == 1 ? 0 : outer * layout.inner + inner]
          let weight = Double(own[start + inner]) * scale.factor
          own[start + inner] = Float(weight)
          shifts[unit] -= weight * scale.mean
        }
      }
    }
    values[kernel.name] = own
    guard shifts.contains(where: { $0 != 0 }) else { return true }
    guard let bias, var added = values[bias.name], added.count == layout.units else { return false }
    for unit in added.indices { added[unit] = Float(Double(added[unit]) + shifts[unit]) }
    values[bias.name] = added
    return true
  }

  func scaleOutputs(
    _ scales: Scales, _ values: inout [String: [Float]], _ plan: Plan, _ graph: Graph
  ) throws(RunError) -> Bool {
    guard let kernel, let bias, let role = plan.roles[kernel.tensor],
      var own = values[kernel.name], var added = values[bias.name]
    else { return false }
    let layout = UnitLayout(
      plan.operands[kernel.tensor].shape, axis: role.unitAxis, batched: false)
    guard added.count == layout.units,
      scales.columns.count == 1 || scales.columns.count == layout.units
    else { return false }
    for unit in 0..<layout.units {
      let scale = scales.columns[scales.columns.count == 1 ? 0 : unit]
      guard scale.factor > 0 else { return false }
      for outer in 0..<layout.outer {
        let start = layout.run(unit, outer)
        for i in start..<(start + layout.inner) {
          own[i] = Float(Double(own[i]) / scale.factor)
        }
      }
      added[unit] = Float(Double(added[unit]) / scale.factor + scale.mean)
    }
    values[kernel.name] = own
    values[bias.name] = added
    return true
  }
}
