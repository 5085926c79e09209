import Npy
import Operators

/// Builds a small run in memory, layer by layer: the worked examples of the rules and the tests are
/// written with it. Every layer takes the output of the one before.
public struct RunBuilder {
  private var nodes: [JSONValue] = []
  private var parameters: [JSONValue] = []
  private var losses: [JSONValue] = []
  private var inputs: [String] = []
  private var data: [String: JSONValue] = [:]
  private var validation: [String: JSONValue] = [:]
  private(set) var arrays: [String: Values] = [:]
  private var history: [String: JSONValue] = [:]
  private var snapshots: [JSONValue] = []
  private var counts: [String: Int] = [:]
  /// The settings of the training, by their keys in run.json.
  public var training: [String: JSONValue] = [:]
  /// What made the run: `framework`, `version`.
  public var provenance: [String: String] = [:]
  /// The tensor that the next layer takes.
  public private(set) var current = ""

  /// A run without anything.
  public init() {}

  final class Values: Sendable {
    let shape: [Int]
    let memory: [Float]

    init(_ shape: [Int], _ memory: [Float]) {
      self.shape = shape
      self.memory = memory
    }
  }

  private mutating func store(_ path: String, _ shape: [Int], _ values: [Float]) -> JSONValue {
    arrays[path] = Values(shape, values)
    return .string(path)
  }

  /// An input with one row per sample.
  public mutating func input(_ rows: [[Float]], name: String = "x") {
    input(shape: [rows.count, rows.first?.count ?? 0], rows.flatMap { $0 }, name: name)
  }

  /// An input of any shape, samples along axis 0.
  public mutating func input(shape: [Int], _ values: [Float], name: String = "x") {
    inputs.append(name)
    data[name] = store("data/\(name).npy", shape, values)
    current = name
  }

  /// A parameter, with its value before the training when that is given.
  public mutating func parameter(
    _ name: String, shape: [Int], _ values: [Float], initial: [Float]? = nil,
    trainable: Bool = true, registered: Bool = true, frozen: Bool = false
  ) {
    var entry: [String: JSONValue] = [
      "name": .string(name), "file": store("weights/\(name).npy", shape, values),
    ]
    if let initial { entry["initial"] = store("initial/\(name).npy", shape, initial) }
    if !trainable { entry["trainable"] = .bool(false) }
    if !registered { entry["registered"] = .bool(false) }
    if frozen { entry["frozen"] = .bool(true) }
    parameters.append(.object(entry))
  }

  /// A node after the current tensor, with further operands; its output is current then.
  public mutating func layer(
    _ op: String, _ name: String? = nil, operands: [String] = [],
    attributes: [String: JSONValue] = [:]
  ) {
    let number = counts[op, default: 0] + 1
    counts[op] = number
    let name = name ?? "\(op.lowercased())\(number)"
    nodes.append(
      .object([
        "name": .string(name), "op": .string(op),
        "inputs": .strings((current.isEmpty ? [] : [current]) + operands),
        "outputs": .strings([name]), "attributes": .object(attributes),
      ]))
    current = name
  }

  /// A dense layer with one row of weights a unit, as PyTorch's `Linear` keeps them.
  public mutating func dense(
    _ name: String, _ weights: [[Float]], bias: [Float]? = nil, initial: [[Float]]? = nil,
    initialBias: [Float]? = nil
  ) {
    parameter(
      "\(name).weight", shape: [weights.count, weights.first?.count ?? 0],
      weights.flatMap { $0 }, initial: initial.map { $0.flatMap { $0 } })
    var operands = ["\(name).weight"]
    if let bias {
      parameter("\(name).bias", shape: [bias.count], bias, initial: initialBias)
      operands.append("\(name).bias")
    }
    layer("Gemm", name, operands: operands, attributes: ["transB": .int(1)])
  }

  /// A loss between the current tensor and targets that are added under the name.
  public mutating func loss(
    _ kind: String, target name: String = "y", shape: [Int], _ values: [Float],
    settings: [String: JSONValue] = [:]
  ) {
    data[name] = store("data/\(name).npy", shape, values)
    var entry: [String: JSONValue] = [
      "kind": .string(kind), "prediction": .string(current), "target": .string(name),
    ]
    entry.merge(settings) { $1 }
    losses.append(.object(entry))
  }

  /// Further data with one row per sample, such as sample weights.
  public mutating func rows(_ name: String, shape: [Int], _ values: [Float]) {
    data[name] = store("data/\(name).npy", shape, values)
  }

  /// Goes on from an earlier tensor: the next layer takes it.
  public mutating func branch(from tensor: String) { current = tensor }

  /// Validation data of any shape for an input or a target, samples along axis 0.
  public mutating func validation(_ name: String, shape: [Int], _ values: [Float]) {
    validation[name] = store("validation/\(name).npy", shape, values)
  }

  /// A recorded series, one value an epoch, or a step.
  public mutating func record(_ name: String, _ values: [Float], perStep: Bool = false) {
    history[name] = .object([
      "file": store("history/\(name).npy", [values.count], values),
      "per": .string(perStep ? "step" : "epoch"),
    ])
  }

  /// The values of parameters, by name, after so many updates.
  ///
  /// - Parameter values: of every trainable parameter, in the order of its array.
  public mutating func snapshot(step: Int, _ values: [String: [Float]]) {
    var entries: [String: JSONValue] = [:]
    for (name, values) in values {
      let shape = arrays["weights/\(name).npy"]?.shape ?? [values.count]
      entries[name] = store("snapshots/\(step)/\(name).npy", shape, values)
    }
    snapshots.append(.object(["step": .int(step), "parameters": .object(entries)]))
  }

  /// The arrays by the paths that the run.json names.
  ///
  /// - Throws: `RunError` when a shape does not fit its values.
  package func views() throws(RunError) -> [String: NpyArray] {
    var views: [String: NpyArray] = [:]
    for (path, values) in arrays { views[path] = try Self.view(values, path) }
    return views
  }

  /// The run.json.
  public var document: JSONValue {
    var document: [String: JSONValue] = [
      "format": .string("defib-run"), "version": .int(1),
      "graph": .object([
        "inputs": .strings(inputs), "nodes": .array(nodes), "parameters": .array(parameters),
        "outputs": .strings([current]),
      ]),
      "data": .object(data), "losses": .array(losses), "training": .object(training),
      "history": .object(history), "provenance": .object(provenance.mapValues { .string($0) }),
    ]
    if !validation.isEmpty { document["validation"] = .object(validation) }
    if !snapshots.isEmpty { document["snapshots"] = .array(snapshots) }
    return .object(document)
  }

  private static func view(_ values: Values, _ path: String) throws(RunError) -> NpyArray {
    try FloatBlock(values.memory).array(values.shape, name: path)
  }
}
