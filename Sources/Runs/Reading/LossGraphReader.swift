import Npy
import Operators
import Tensors

/// Reads a loss that a script wrote itself: its own small graph in the loss of a run.json. Names of
/// tensors are its own; beside them, its nodes may name parameters of the run that are not trained.
enum LossGraphReader {
  /// The settings of such a loss.
  static let keys = ["graph", "others"]

  static func read(
    _ fields: Fields, common: [String], graph: Graph, data: [String: NpyArray]
  ) throws(RunError) -> (LossInfo, any Loss, [Run.LossTerm.Other]) {
    let info = GraphLoss.info
    if let stranger = fields.keys.first(where: { !(common + keys).contains($0) }) {
      throw .unknownKey(fields.path(of: stranger), known: common + keys)
    }
    let others = try others(fields, graph, data)
    guard let value = fields["graph"] else {
      throw .run(fields.path(of: "graph"), found: "nothing", expected: "the graph of the loss")
    }
    let own = try Fields(
      value, at: fields.path(of: "graph"), known: ["inputs", "nodes", "output"])
    let names = try own.strings("inputs")
    guard names.count == 2 + others.count else {
      throw .run(
        own.path(of: "inputs"), found: "\(names.count) names",
        expected: "\(2 + others.count): the prediction, the targets and each of the others")
    }
    var reader = GraphReader()
    var inputs: [Int] = []
    for name in names { inputs.append(try reader.define(name, "an input of the loss")) }
    let targets = [1] + others.indices.filter { others[$0].data != nil }.map { $0 + 2 }
    var held: [(tensor: Int, parameter: Graph.Parameter)] = []
    for parameter in graph.parameters where !parameter.trainable && !names.contains(parameter.name)
    {
      held.append((try reader.define(parameter.name, "a parameter"), parameter))
    }
    var nodes: [LossGraph.Node] = []
    for (index, value) in try own.list("nodes").enumerated() {
      let node = try reader.node(value, at: "\(own.path(of: "nodes"))[\(index)]")
      nodes.append(
        LossGraph.Node(
          name: node.name, op: node.op, kind: node.kind, inputs: node.inputs,
          outputs: node.outputs))
    }
    let output = try reader.tensor(
      try own.string("output"), usedBy: own.path(of: "output"))
    let used = Set(nodes.flatMap { $0.inputs.compactMap { $0 } })
    var constants: [LossGraph.Constant] = []
    for (tensor, parameter) in held where used.contains(tensor) {
      constants.append(try constant(tensor, parameter))
    }
    let loss = GraphLoss(
      LossGraph(
        tensors: reader.count, inputs: inputs, targets: Set(targets.map { inputs[$0] }),
        constants: constants, nodes: nodes, output: output))
    return (info, loss, others)
  }

  /// What the loss takes beside prediction and target: tensors of the graph, and further targets.
  private static func others(
    _ fields: Fields, _ graph: Graph, _ data: [String: NpyArray]
  ) throws(RunError) -> [Run.LossTerm.Other] {
    var result: [Run.LossTerm.Other] = []
    for (index, name) in try fields.strings("others").enumerated() {
      if let tensor = graph.tensor(named: name) {
        result.append(.tensor(tensor))
      } else if data[name] != nil {
        result.append(.data(name))
      } else {
        throw .run(
          "\(fields.path(of: "others"))[\(index)]", found: "\"\(name)\"",
          expected: "a tensor of the graph, or a name in data")
      }
    }
    return result
  }

  private static func constant(
    _ tensor: Int, _ parameter: Graph.Parameter
  ) throws(RunError) -> LossGraph.Constant {
    let values = try bridging(parameter.array.floats())
    do throws(TensorError) {
      return LossGraph.Constant(
        tensor: tensor, shape: try Shape(parameter.array.shape), values: values)
    } catch { throw .system(error) }
  }
}
