import Runs

extension Change {
  /// Makes the change in a run.json. What is changed in the data or in the weights leaves it as it is.
  func edit(_ document: inout JSONValue, _ run: Run) {
    switch self {
    case .asSet, .freshWeights, .scaledInputs, .scaledTargets, .withoutOutliers, .balanced,
      .reshapedTargets, .wider:
      break
    case .head(let node, let op): Self.replace([node], by: op, &document)
    case .activations(let nodes, let op): Self.replace(nodes, by: op, &document)
    case .letThrough(let nodes): Self.replace(nodes, by: .identity, &document)
    case .withoutDropout:
      let nodes = run.graph.nodes.filter { $0.kind.states(.drops) }.map(\.name)
      Self.replace(nodes, by: .identity, &document)
    case .inserted(let nodes, let op):
      for node in nodes { Self.insert(op, after: node, &document) }
    case .hiddenLayer(let node, let units): HiddenLayer(node, units, run)?.edit(&document)
    case .loss(let term, let kind):
      Self.editLosses(&document) { index, loss in
        guard index == term else { return }
        let kept = ["prediction", "target", "weight", "reduction", "sample_weight"]
        var other = JSONValue.object(["kind": .string(kind)])
        for key in kept { other[key] = loss[key] }
        loss = other
      }
    case .averaged: Self.editLosses(&document) { $1["reduction"] = .string("mean") }
    case .shuffled: document["training"]?["shuffle"] = .bool(true)
    case .unpenalized:
      document["training"]?["regularization"] = nil
      document["training"]?["optimizer"]?["weight_decay"] = nil
      Self.editGroups(&document) { $0["weight_decay"] = nil }
    case .complete: document["training"]?["optimizer"]?["missing"] = nil
    case .batches(let rows): document["training"]?["batch_size"] = .int(rows)
    case .unclipped: document["training"]?["clip"] = nil
    case .clipped(let norm): document["training"]?["clip"] = .object(["norm": .number(norm)])
    case .unscheduled:
      document["training"]?["optimizer"]?["schedule"] = nil
      document["training"]?["optimizer"]?["current_learning_rate"] = nil
      for name in Run.rateSeries { document["history"]?[name] = nil }
    case .learningRate(let factor): Self.scaleRates(&document, factor)
    case .optimizer(let kind, let rate):
      var other = JSONValue.object(["kind": .string(kind), "learning_rate": .number(rate)])
      other["missing"] = document["training"]?["optimizer"]?["missing"]
      document["training"]?["optimizer"] = other
      for name in Run.rateSeries { document["history"]?[name] = nil }
    case .updates: break
    }
  }

  private static func replace(_ nodes: [String], by op: Function, _ document: inout JSONValue) {
    var all = document["graph"]?["nodes"]?.elements ?? []
    for index in all.indices {
      guard let name = all[index]["name"]?.plainText, nodes.contains(name) else { continue }
      let isSoftmax = all[index]["op"]?.plainText?.hasSuffix("Softmax") ?? false
      all[index]["op"] = .string(op.rawValue)
      all[index]["inputs"] = .array(Array((all[index]["inputs"]?.elements ?? []).prefix(1)))
      all[index]["outputs"] = .array(Array((all[index]["outputs"]?.elements ?? []).prefix(1)))
      if !isSoftmax || !op.hasAxis { all[index]["attributes"] = .object([:]) }
    }
    document["graph"]?["nodes"] = .array(all)
  }

  private static func insert(_ op: Function, after node: String, _ document: inout JSONValue) {
    var all = document["graph"]?["nodes"]?.elements ?? []
    guard let place = all.firstIndex(where: { $0["name"]?.plainText == node }),
      let output = all[place]["outputs"]?.elements.first?.plainText
    else { return }
    let made = "\(output).\(op.functionName)"
    for index in all.indices.dropFirst(place + 1) {
      let inputs = (all[index]["inputs"]?.elements ?? []).map {
        $0.plainText == output ? JSONValue.string(made) : $0
      }
      all[index]["inputs"] = .array(inputs)
    }
    all.insert(
      .object([
        "name": .string(made), "op": .string(op.rawValue), "inputs": .strings([output]),
        "outputs": .strings([made]), "attributes": .object([:]),
      ]), at: place + 1)
    document["graph"]?["nodes"] = .array(all)
  }

  private static func editLosses(
    _ document: inout JSONValue, _ edit: (Int, inout JSONValue) -> Void
  ) {
    var losses = document["losses"]?.elements ?? []
    for index in losses.indices { edit(index, &losses[index]) }
    document["losses"] = .array(losses)
  }

  private static func editGroups(
    _ document: inout JSONValue, _ edit: (inout JSONValue) -> Void
  ) {
    guard var groups = document["training"]?["optimizer"]?["groups"]?.elements else { return }
    for index in groups.indices { edit(&groups[index]) }
    document["training"]?["optimizer"]?["groups"] = .array(groups)
  }

  private static func scaleRates(_ document: inout JSONValue, _ factor: Double) {
    guard var optimizer = document["training"]?["optimizer"] else { return }
    optimizer["learning_rate"] = optimizer["learning_rate"]?.scaled(factor)
    optimizer["current_learning_rate"] = nil
    if let rates = optimizer["schedule"]?["rates"]?.elements {
      optimizer["schedule"]?["rates"] = .array(rates.map { $0.scaled(factor) })
    }
    document["training"]?["optimizer"] = optimizer
    editGroups(&document) { $0["learning_rate"] = $0["learning_rate"]?.scaled(factor) }
  }
}
