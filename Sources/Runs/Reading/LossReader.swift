import Npy
import Operators

/// Reads the losses of a run.json.
enum LossReader {
  private static let common = [
    "kind", "prediction", "target", "weight", "reduction", "sample_weight",
  ]

  static func read(
    _ values: [JSONValue], graph: Graph, data: [String: NpyArray]
  ) throws(RunError) -> [Run.LossTerm] {
    var result: [Run.LossTerm] = []
    for (index, value) in values.enumerated() {
      result.append(try term(value, at: "losses[\(index)]", graph: graph, data: data))
    }
    return result
  }

  private static func term(
    _ value: JSONValue, at place: String, graph: Graph, data: [String: NpyArray]
  ) throws(RunError) -> Run.LossTerm {
    let settingKeys = LossRegistry.all.flatMap { $0.info.allSettings.map(\.name) }
    let fields = try Fields(
      value, at: place, known: common + (Set(settingKeys).sorted() + LossGraphReader.keys))
    let kind = try fields.string("kind")
    let target = try fields.string("target")
    try require(target, fields, "target", in: data)
    let (info, loss, others) =
      kind == GraphLoss.info.kind
      ? try LossGraphReader.read(fields, common: common, graph: graph, data: data)
      : try loss(kind, fields, graph)
    let reduction = try fields.choice(
      "reduction", of: Run.LossTerm.Reduction.allCases.map(\.rawValue))
    return Run.LossTerm(
      place: place, kind: kind, loss: loss,
      prediction: try tensor(try fields.string("prediction"), fields, "prediction", graph),
      others: others, target: target,
      sampleWeight: try sampleWeight(fields, data),
      reduction: reduction.flatMap(Run.LossTerm.Reduction.init) ?? .mean,
      weight: try fields.number("weight") ?? 1,
      weights: try weights(info.weights, fields, graph))
  }

  /// The loss with its settings, apart from those that name a tensor.
  private static func loss(
    _ kind: String, _ fields: Fields, _ graph: Graph
  ) throws(RunError) -> (LossInfo, any Loss, [Run.LossTerm.Other]) {
    let made: (LossInfo, any Loss)
    do throws(OperatorError) {
      let info = try LossRegistry.type(of: kind).info
      let named = [info.weights, info.second].compactMap { $0?.name }
      var settings: [String: AttributeValue] = [:]
      for key in fields.keys where !common.contains(key) && !named.contains(key) {
        guard let value = fields[key] else { continue }
        do throws(RunError) {
          settings[key] = try AttributeReader.attribute(value, at: fields.path(of: key))
        } catch { throw .attribute(key, found: value.kind, expected: "a number or a text") }
      }
      made = (info, try LossRegistry.make(kind, settings))
    } catch { throw .loss(fields.path, kind: kind, error) }
    let second = try second(made.0.second, fields, graph)
    return (made.0, made.1, second.map { [.tensor($0)] } ?? [])
  }

  private static func require(
    _ name: String, _ fields: Fields, _ key: String, in data: [String: NpyArray]
  ) throws(RunError) {
    guard data[name] != nil else {
      throw .run(
        fields.path(of: key), found: "\"\(name)\"",
        expected: "a name in data: \(data.keys.sorted().joined(separator: ", "))")
    }
  }

  private static func sampleWeight(
    _ fields: Fields, _ data: [String: NpyArray]
  ) throws(RunError) -> String? {
    guard let name = try fields.optionalString("sample_weight") else { return nil }
    try require(name, fields, "sample_weight", in: data)
    if let array = data[name], array.shape.dropFirst().contains(where: { $0 != 1 }) {
      throw .array(array.file, found: "shape \(array.shape)", expected: "one weight per sample")
    }
    return name
  }

  static func tensor(
    _ name: String, _ fields: Fields, _ key: String, _ graph: Graph
  ) throws(RunError) -> Int {
    guard let tensor = graph.tensor(named: name) else {
      throw .run(fields.path(of: key), found: "\"\(name)\"", expected: "a tensor of the graph")
    }
    return tensor
  }

  private static func second(
    _ info: AttributeInfo?, _ fields: Fields, _ graph: Graph
  ) throws(RunError) -> Int? {
    guard let info else { return nil }
    return try tensor(try fields.string(info.name), fields, info.name, graph)
  }

  private static func weights(
    _ info: AttributeInfo?, _ fields: Fields, _ graph: Graph
  ) throws(RunError) -> Int? {
    guard let info, let name = try fields.optionalString(info.name) else { return nil }
    let tensor = try tensor(name, fields, info.name, graph)
    guard let parameter = graph.parameter(at: tensor), !parameter.trainable else {
      throw .run(
        fields.path(of: info.name), found: "\"\(name)\"",
        expected: "a parameter that is not trainable")
    }
    return tensor
  }
}
