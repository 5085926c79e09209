import Npy
import Operators
import Replay
import Runs

/// A layer of rectified units that is put before a layer on a table, as a change of a run.
struct HiddenLayer {
  /// The nodes and the parameters that it adds have names under this one.
  private let layer: String
  private let node: Graph.Node
  private let kernel: Graph.Parameter
  private let input: String
  private let width: Int
  /// Units of the layer behind it, and the axis of its kernel along which what comes in lies.
  private let after: (units: Int, inputs: Int)
  private let units: Int
  /// Whether the layer is a module of PyTorch, in whose place comes a sequence of three.
  private let isModule: Bool

  /// A product of a table with a kernel, whose second operand is transposed.
  private static let product = "Gemm"

  /// - Returns: nil where the layer is not `kernel·x + bias` of a table.
  init?(_ name: String, _ units: Int, _ run: Run) {
    guard units > 0, let plan = try? Plan(run, rows: 1),
      let node = run.graph.nodes.first(where: { $0.name == name }), node.kind.states(.affine),
      node.op == Self.product, let input = node.inputs.first.flatMap({ $0 }),
      plan.operands[input].batched, plan.operands[input].shape.rank == 2
    else { return nil }
    let bias = node.inputs.compactMap { $0 }.first { plan.roles[$0]?.kind == .bias }.map {
      run.graph.tensors[$0]
    }
    for case let tensor? in node.inputs where plan.roles[tensor]?.kind == .kernel {
      guard let kernel = run.graph.parameter(at: tensor), kernel.trainable,
        let role = plan.roles[tensor],
        kernel.array.shape.count == 2, run.graph.consumers[tensor].count == 1
      else { return nil }
      (self.node, self.kernel, self.units) = (node, kernel, units)
      layer = node.layer
      self.input = run.graph.tensors[input]
      width = plan.operands[input].shape[1]
      after = (kernel.array.shape[role.unitAxis], 1 - role.unitAxis)
      isModule =
        run.provenance["framework"] == "pytorch" && run.training.optimizer?.groups.isEmpty == true
        && [kernel.name, bias].allSatisfy { $0.map { $0.hasPrefix("\(node.layer).") } ?? true }
      return
    }
    return nil
  }

  private var hidden: String { isModule ? "\(layer).0" : "\(layer).hidden" }

  /// The name of a parameter of the layer as it is, once the new one is before it.
  private func moved(_ name: String) -> String {
    guard isModule, name.hasPrefix("\(layer).") else { return name }
    return "\(layer).2\(name.dropFirst(layer.utf8.count))"
  }

  private var names: (weight: String, bias: String) { ("\(hidden).weight", "\(hidden).bias") }

  /// Adds the nodes and the parameters.
  func edit(_ document: inout JSONValue) {
    var nodes = document["graph"]?["nodes"]?.elements ?? []
    guard let place = nodes.firstIndex(where: { $0["name"]?.plainText == node.name }) else {
      return
    }
    let active = "\(hidden).active"
    var inputs = nodes[place]["inputs"]?.elements ?? []
    guard !inputs.isEmpty else { return }
    inputs = inputs.map { $0.plainText.map { .string(moved($0)) } ?? $0 }
    inputs[0] = .string(active)
    nodes[place]["inputs"] = .array(inputs)
    nodes.insert(
      contentsOf: [
        .object([
          "name": .string(hidden), "op": .string(Self.product),
          "inputs": .strings([input, names.weight, names.bias]), "outputs": .strings([hidden]),
          "attributes": .object(["transB": .int(1)]),
        ]),
        .object([
          "name": .string(active), "op": .string(Change.Function.relu.rawValue),
          "inputs": .strings([hidden]), "outputs": .strings([active]), "attributes": .object([:]),
        ]),
      ], at: place)
    document["graph"]?["nodes"] = .array(nodes)
    let own = [names.weight, names.bias].map { name in
      JSONValue.object(["name": .string(name), "file": .string(Growth.path(name))])
    }
    var parameters = document["graph"]?["parameters"]?.elements ?? []
    for index in parameters.indices {
      guard let name = parameters[index]["name"]?.plainText else { continue }
      parameters[index]["name"] = .string(moved(name))
    }
    document["graph"]?["parameters"] = .array(parameters + own)
  }

  /// By name, the parameters that it adds and the kernel behind it; what they hold is drawn later.
  ///
  /// - Throws: `RunError` when memory is short.
  func parameters() throws(RunError) -> [String: NpyArray] {
    var behind = [0, 0]
    (behind[after.inputs], behind[1 - after.inputs]) = (units, after.units)
    var arrays: [String: NpyArray] = [:]
    for (name, shape) in [
      (names.weight, [units, width]), (names.bias, [units]), (moved(kernel.name), behind),
    ] {
      arrays[name] = try FloatBlock(shape.reduce(1, *)).array(shape, name: name)
    }
    return arrays
  }
}
