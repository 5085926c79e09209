import Npy
import Operators

/// Reads the losses of a run.json.
enum LossReader {
  private static let common = [
    "kind", "prediction", "target", "weight", "reduction", "class_weight",
  ]

  static func read(
    _ values: [JSONValue], graph: Graph, data: [String: NpyArray]
  ) throws(ReplayError) -> [Run.LossTerm] {
    var result: [Run.LossTerm] = []
    for (index, value) in values.enumerated() {
      result.append(try term(value, at: "losses[\(index)]", graph: graph, data: data))
    }
    return result
  }

  private static func term(
    _ value: JSONValue, at place: String, graph: Graph, data: [String: NpyArray]
  ) throws(ReplayError) -> Run.LossTerm {
    let settingKeys = LossRegistry.all.flatMap { $0.info.settings.map(\.name) }
    let fields = try Fields(value, at: place, known: common + Set(settingKeys).sorted())
    let kind = try fields.string("kind")
    var settings: [String: AttributeValue] = [:]
    for key in fields.keys where !common.contains(key) {
      guard let value = fields[key] else { continue }
      settings[key] = try AttributeReader.attribute(value, at: fields.path(of: key))
    }
    let loss: any Loss
    do throws(OperatorError) { loss = try LossRegistry.make(kind, settings) } catch {
      throw .loss(place, kind: kind, error)
    }
    let target = try fields.string("target")
    guard data[target] != nil else {
      throw .run(
        fields.path(of: "target"), found: "\"\(target)\"",
        expected: "a name in data: \(data.keys.sorted().joined(separator: ", "))")
    }
    return Run.LossTerm(
      place: place, kind: kind, loss: loss,
      prediction: try tensor(try fields.string("prediction"), fields, "prediction", graph),
      target: target, mean: try fields.choice("reduction", of: ["mean", "sum"]) != "sum",
      weight: try fields.number("weight") ?? 1,
      classWeight: try classWeight(fields, graph))
  }

  private static func tensor(
    _ name: String, _ fields: Fields, _ key: String, _ graph: Graph
  ) throws(ReplayError) -> Int {
    guard let tensor = graph.tensor(named: name) else {
      throw .run(fields.path(of: key), found: "\"\(name)\"", expected: "a tensor of the graph")
    }
    return tensor
  }

  private static func classWeight(_ fields: Fields, _ graph: Graph) throws(ReplayError) -> Int? {
    guard let name = try fields.optionalString("class_weight") else { return nil }
    let tensor = try tensor(name, fields, "class_weight", graph)
    guard let parameter = graph.parameter(at: tensor), !parameter.trainable else {
      throw .run(
        fields.path(of: "class_weight"), found: "\"\(name)\"",
        expected: "a parameter that is not trainable")
    }
    return tensor
  }
}
