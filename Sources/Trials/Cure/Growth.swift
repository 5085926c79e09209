import Npy
import Replay
import Runs

/// The parameters of a network that is made larger.
enum Growth {
  /// By path of a run.json, what changes make: parameters of other shapes, and new ones.
  ///
  /// - Throws: `RunError` when a change does not fit the run, or memory is short.
  static func arrays(
    of changes: [Change], _ run: Run, _ document: JSONValue
  ) throws(RunError) -> [String: NpyArray] {
    var named: [String: NpyArray] = [:]
    for change in changes {
      switch change {
      case .wider(let nodes, let units): named.merge(try wider(nodes, units, run)) { $1 }
      case .hiddenLayer(let node, let units):
        guard let layer = HiddenLayer(node, units, run) else {
          throw .run("the layer \(node)", found: "no product with a table", expected: "one")
        }
        named.merge(try layer.parameters()) { $1 }
      default: break
      }
    }
    guard !named.isEmpty else { return [:] }
    var result: [String: NpyArray] = [:]
    for entry in document["graph"]?["parameters"]?.elements ?? [] {
      guard let name = entry["name"]?.plainText, let array = named[name] else { continue }
      for key in ["file", "initial"] {
        if let path = entry[key]?.plainText { result[path] = array }
      }
    }
    return result
  }

  /// Where the array of a parameter that the run does not have is looked for; no file has such a path.
  static func path(_ name: String) -> String { "added/\(name)" }

  /// One layer after the other: a kernel between two of them grows along both axes.
  private static func wider(
    _ nodes: [String], _ units: Int, _ run: Run
  ) throws(RunError) -> [String: NpyArray] {
    var (grown, arrays) = (run, [String: NpyArray]())
    for name in nodes {
      guard let index = run.graph.nodes.firstIndex(where: { $0.name == name }),
        let layer = NarrowLayer(grown, try Plan(grown, rows: 1), index)
      else {
        throw .run("the layer \(name)", found: "units that other layers need", expected: "its own")
      }
      let own = try layer.parameters(of: grown, units: units)
      arrays.merge(own) { $1 }
      grown = grown.replacingParameters(own)
    }
    return arrays
  }
}

extension Change {
  /// By name, the shapes of parameters that the change makes or gives another shape; nil where it does not
  /// fit the run.
  public func shapes(_ run: Run) -> [String: [Int]]? {
    guard var document = run.origin?.document else { return nil }
    edit(&document, run)
    guard let arrays = try? Growth.arrays(of: [self], run, document) else { return nil }
    var shapes: [String: [Int]] = [:]
    for entry in document["graph"]?["parameters"]?.elements ?? [] {
      guard let name = entry["name"]?.plainText, let file = entry["file"]?.plainText else {
        continue
      }
      shapes[name] = arrays[file]?.shape
    }
    return shapes
  }

  /// Layers that can be given other units, and how many they have.
  public static func resizable(_ run: Run, _ plan: Plan) -> [(node: String, units: Int)] {
    run.graph.nodes.indices.compactMap { index in
      NarrowLayer(run, plan, index).map { (run.graph.nodes[index].name, $0.width) }
    }
  }
}
