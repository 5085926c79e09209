import Operators

/// Reads the graph of a run.json: names become numbers, and everything that is named exists.
struct GraphReader {
  private var numbers: [String: Int] = [:]
  private var tensors: [String] = []

  static func read(_ value: JSONValue, from source: RunSource) throws(RunError) -> Graph {
    let fields = try Fields(
      value, at: "graph", known: ["inputs", "nodes", "parameters", "outputs", "sources", "columns"])
    var reader = GraphReader()
    var inputs: [Int] = []
    for name in try fields.strings("inputs") { inputs.append(try reader.define(name, "an input")) }
    var parameters: [Graph.Parameter] = []
    for (index, value) in try fields.list("parameters").enumerated() {
      parameters.append(try reader.parameter(value, at: "graph.parameters[\(index)]", from: source))
    }
    var nodes: [Graph.Node] = []
    var names: Set<String> = []
    for (index, value) in try fields.list("nodes").enumerated() {
      let node = try reader.node(value, at: "graph.nodes[\(index)]")
      guard names.insert(node.name).inserted else {
        throw .run(
          "graph.nodes[\(index)].name", found: "\"\(node.name)\" a second time",
          expected: "unique names")
      }
      nodes.append(node)
    }
    let outputNames = try fields.strings("outputs")
    guard !outputNames.isEmpty else {
      throw .run("graph.outputs", found: "an empty list", expected: "at least one tensor")
    }
    var outputs: [Int] = []
    for name in outputNames { outputs.append(try reader.tensor(name, usedBy: "graph.outputs")) }
    return Graph(
      tensors: reader.tensors, inputs: inputs, nodes: nodes, parameters: parameters,
      outputs: outputs, sources: try sources(fields), columns: try ColumnReader.read(fields))
  }

  /// By layer: a line of the user's code.
  private static func sources(_ fields: Fields) throws(RunError) -> [String: SourceLine] {
    var result: [String: SourceLine] = [:]
    for (layer, text) in try fields.stringMap("sources").sorted(by: { $0.key < $1.key }) {
      guard let line = SourceLine(text) else {
        throw .run(
          "graph.sources.\(layer)", found: "\"\(text)\"", expected: "a file and a line, FILE:LINE")
      }
      result[layer] = line
    }
    return result
  }

  /// How many tensors have a number.
  var count: Int { tensors.count }

  /// Gives a tensor its number.
  mutating func define(_ name: String, _ what: String) throws(RunError) -> Int {
    guard !name.isEmpty else {
      throw .run("the name of \(what)", found: "empty", expected: "a text")
    }
    guard numbers[name] == nil else {
      throw .run("tensor \"\(name)\"", found: "defined twice", expected: "one definition")
    }
    numbers[name] = tensors.count
    tensors.append(name)
    return tensors.count - 1
  }

  func tensor(_ name: String, usedBy place: String) throws(RunError) -> Int {
    guard let number = numbers[name] else {
      throw .run(
        place, found: "tensor \"\(name)\", which nothing before it computes",
        expected: "an input, a parameter or the output of an earlier node")
    }
    return number
  }

  private mutating func parameter(
    _ value: JSONValue, at place: String, from source: RunSource
  ) throws(RunError) -> Graph.Parameter {
    let fields = try Fields(
      value, at: place, known: ["name", "file", "initial", "trainable", "registered", "frozen"])
    let name = try fields.string("name")
    let array = try source.array(try fields.string("file"), at: fields.path(of: "file"))
    let initialPath = try fields.optionalString("initial")
    var initial = array
    if let initialPath {
      initial = try source.array(initialPath, at: fields.path(of: "initial"))
      guard initial.shape == array.shape else {
        throw .array(
          initial.file, found: "shape \(initial.shape)",
          expected: "\(array.shape), as of parameter \"\(name)\" after the training")
      }
    }
    let trainable = try fields.bool("trainable") ?? true
    return Graph.Parameter(
      name: name, array: array, initial: initialPath == nil ? nil : initial, trainable: trainable,
      isRegistered: try fields.bool("registered") ?? true,
      isFrozen: try fields.bool("frozen") ?? false,
      tensor: try define(name, "parameter \(place)"))
  }

  mutating func node(
    _ value: JSONValue, at place: String
  ) throws(RunError) -> Graph.Node {
    let fields = try Fields(
      value, at: place, known: ["name", "op", "inputs", "outputs", "attributes", "layer"])
    let name = try fields.string("name")
    let op = try fields.string("op")
    var inputs: [Int?] = []
    for input in try fields.strings("inputs") {
      inputs.append(
        input.isEmpty ? nil : try tensor(input, usedBy: "an input of node \"\(name)\""))
    }
    while let last = inputs.last, last == nil { inputs.removeLast() }
    let outputNames = try fields.strings("outputs")
    let attributes = try AttributeReader.read(
      fields["attributes"], at: fields.path(of: "attributes"))
    let kind: any Operator
    do throws(OperatorError) {
      kind = try OperatorRegistry.make(
        op, attributes, inputs: inputs.count, outputs: outputNames.count)
    } catch { throw .node(name, op: op, error) }
    var outputs: [Int] = []
    for output in outputNames { outputs.append(try define(output, "an output of \"\(name)\"")) }
    return Graph.Node(
      name: name, op: op, kind: kind, inputs: inputs, outputs: outputs,
      layer: try fields.optionalString("layer") ?? name)
  }
}
