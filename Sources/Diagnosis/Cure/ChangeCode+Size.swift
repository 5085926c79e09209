import Operators
import Replay
import Runs
import Trials

// Changes of the size of a network or of its batches.
extension ChangeCode {
  /// More units: a line for every layer whose parameters get another shape.
  func wider(_ change: Change, _ nodes: [String], _ units: Int) -> String {
    switch framework {
    case .torch: return torchLines(change).joined(separator: "\n")
    case .keras:
      return nodes.map { "units=\(units)  # layer \(node($0)?.layer ?? $0)" }.joined(
        separator: "\n")
    case .sklearn:
      let sizes = kernels.dropLast().map { nodes.contains($0.node) ? units : $0.units }
      return "hidden_layer_sizes=(\(sizes.map { "\($0)," }.joined(separator: " ")))"
    case .numpy:
      return nodes.map { "\(units) units at \(node($0)?.layer ?? $0)" }.joined(separator: "\n")
    }
  }

  /// Another layer before one.
  func hiddenLayer(before name: String, _ units: Int) -> String {
    let layer = node(name)?.layer ?? name
    switch framework {
    case .torch:
      guard let kernel = kernels.first(where: { $0.node == name }) else { return "" }
      return """
        \(path(layer)) = nn.Sequential(nn.Linear(\(kernel.width), \(units)), nn.ReLU(), \
        nn.Linear(\(units), \(kernel.units)\(kernel.hasBias ? "" : ", bias=False")))
        """
    case .keras: return "keras.layers.Dense(\(units), activation=\"relu\")  # before layer \(layer)"
    case .sklearn:
      let sizes = kernels.dropLast().map(\.units) + [units]
      return "hidden_layer_sizes=(\(sizes.map { "\($0)," }.joined(separator: " ")))"
    case .numpy: return "a layer of \(units) ReLU units before \(layer)"
    }
  }

  func batches(_ rows: Int) -> String {
    let was = "  # was \(run.nominalBatch)"
    switch framework {
    case .torch: return "DataLoader(data, batch_size=\(rows))" + was
    case .keras: return "model.fit(x, y, batch_size=\(rows))" + was
    case .sklearn, .numpy: return "batch_size = \(rows)" + was
    }
  }

  private struct Kernel {
    let node: String
    let units: Int
    let width: Int
    let hasBias: Bool
  }

  /// The layers with a matrix, in order.
  private var kernels: [Kernel] {
    guard let plan = try? Plan(run, rows: 1) else { return [] }
    return run.graph.nodes.compactMap { node in
      let held = node.inputs.compactMap { $0 }
      for tensor in held where plan.roles[tensor]?.kind == .kernel {
        guard let shape = run.graph.parameter(at: tensor)?.array.shape, shape.count == 2,
          let role = plan.roles[tensor]
        else { continue }
        return Kernel(
          node: node.name, units: shape[role.unitAxis], width: shape[1 - role.unitAxis],
          hasBias: held.contains { plan.roles[$0]?.kind == .bias })
      }
      return nil
    }
  }

  private func torchLines(_ change: Change) -> [String] {
    guard let shapes = change.shapes(run), let plan = try? Plan(run, rows: 1) else { return [] }
    var lines: [String] = []
    for node in run.graph.nodes {
      let held = node.inputs.compactMap { $0.flatMap(run.graph.parameter(at:)) }
      guard let largest = held.compactMap({ shapes[$0.name] }).max(by: { $0.count < $1.count })
      else {
        continue
      }
      let kernel = held.first { plan.roles[$0.tensor]?.kind == .kernel && shapes[$0.name] != nil }
      let place = path(node.layer)
      if let kernel, let shape = shapes[kernel.name], shape.count == 2,
        let role = plan.roles[kernel.tensor]
      {
        let bias = held.contains { plan.roles[$0.tensor]?.kind == .bias } ? "" : ", bias=False"
        lines.append(
          "\(place) = nn.Linear(\(shape[1 - role.unitAxis]), \(shape[role.unitAxis])\(bias))")
      } else if let kernel, let shape = shapes[kernel.name], shape.count > 1 {
        lines.append("# \(place): \(shape[1]) channels in, \(shape[0]) out")
      } else if largest.count == 1 {
        lines.append("\(place) = type(\(place))(\(largest[0]))")
      }
    }
    return lines
  }
}
