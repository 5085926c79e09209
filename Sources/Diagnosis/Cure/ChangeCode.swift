import Runs
import Trials

/// Changes as lines of code, in the terms of the framework that a run comes from.
struct ChangeCode {
  let run: Run
  let terms: Terms
  /// All that is changed at once: a line says everything about what it sets.
  private let changes: [Change]

  init(_ run: Run, together changes: [Change] = []) {
    (self.run, self.changes) = (run, changes)
    terms = Terms(run)
  }

  var framework: Terms.Framework { terms.framework }

  /// The line for a change.
  func line(_ change: Change) -> String {
    switch change {
    case .learningRate(let factor):
      let settings = run.training.optimizer
      let old = settings?.learningRate ?? 0
      return optimizer(settings?.kind ?? "sgd", old * factor, settings?.numbers ?? [:])
        + "  # was \(Wording.rounded(old))"
    case .optimizer(let kind, let rate):
      let old = run.training.optimizer
      return optimizer(kind, rate, [:])
        + "  # was \(old.map { terms.optimizer($0.kind) } ?? "none") at \(Wording.rounded(old?.learningRate ?? 0))"
    case .head(let node, let to): return activation([node], to)
    case .activations(let nodes, let to): return activation(nodes, to)
    case .inserted(let nodes, let op): return inserted(nodes, op)
    case .loss(let term, let kind):
      let old = run.losses.indices.contains(term) ? terms.loss(run.losses[term].kind) : "another"
      return loss(kind) + "  # was \(old.filter { $0 != "`" })"
    case .wider(let nodes, let units): return wider(change, nodes, units)
    case .hiddenLayer(let node, let units): return hiddenLayer(before: node, units)
    case .batches(let rows): return batches(rows)
    case .unpenalized where framework == .torch: return unpenalized
    case .withoutDropout where framework == .torch:
      let layers = run.graph.nodes.filter { $0.kind.states(.drops) }.map(\.layer)
      return layers.isEmpty
        ? "# no dropout" : layers.map { "\(path($0)).p = 0  # no dropout" }.joined(separator: "\n")
    case .averaged where framework == .torch: return averaged
    case .balanced where framework == .torch: return balanced
    case .updates(let factor): return updates(factor)
    case .scaledInputs(let names): return standardized(names, isTarget: false)
    case .scaledTargets(let names): return standardized(names, isTarget: true)
    default: return chosen(change)
    }
  }

  private func optimizer(
    _ kind: String, _ rate: Double, _ numbers: [String: Double], isPenalized: Bool? = nil
  ) -> String {
    let isPenalized = isPenalized ?? !changes.contains(.unpenalized)
    let name = Terms.optimizers[kind] ?? kind
    let rate = Wording.rounded(rate)
    let kept = ["momentum", "weight_decay"].compactMap { key in
      guard key != "weight_decay" || isPenalized else { return ", weight_decay=0" }
      return numbers[key].flatMap { $0 == 0 ? nil : ", \(key)=\(Wording.number($0))" }
    }.joined()
    switch framework {
    case .torch: return "optimizer = torch.optim.\(name)(model.parameters(), lr=\(rate)\(kept))"
    case .keras: return "optimizer = keras.optimizers.\(name)(learning_rate=\(rate)\(kept))"
    case .sklearn: return "solver=\"\(kind)\", learning_rate_init=\(rate)"
    case .numpy: return "optimizer = {\"kind\": \"\(kind)\", \"learning_rate\": \(rate)}"
    }
  }

  /// Whatever penalty a loop adds by itself has no line here.
  private var unpenalized: String {
    let settings = run.training.optimizer
    let decays = settings.map { settings in
      settings.numbers["weight_decay"].map { $0 != 0 } ?? false
        || settings.groups.contains { $0.numbers["weight_decay"].map { $0 != 0 } ?? false }
    }
    guard decays == true, let settings else { return "# no penalty on the weights in the loss" }
    if let other = changes.first(where: { $0.family == .rate }) { return line(other) }
    let line = optimizer(settings.kind, settings.learningRate, settings.numbers, isPenalized: false)
    let added = run.training.regularization.isEmpty ? "" : "  # and no penalty in the loss"
    return line + added
  }

  private var averaged: String {
    let kinds = run.losses.filter { !$0.mean }.map(\.kind)
    guard let kind = kinds.first, let name = Terms.torchLosses[kind], run.losses.count == 1 else {
      return "loss = loss / len(x)  # the mean over the batch"
    }
    return "criterion = nn.\(name)(reduction=\"mean\")"
  }

  private var balanced: String {
    """
    labels = y.flatten().long()
    weights = 1.0 / torch.bincount(labels)[labels]
    sampler = torch.utils.data.WeightedRandomSampler(weights, len(labels))  # for the DataLoader
    """
  }

  func node(_ name: String) -> Graph.Node? { run.graph.nodes.first { $0.name == name } }

  /// `model.net[3]` for the layer `net.3`.
  func path(_ layer: String) -> String {
    layer.split(separator: ".").reduce("model") { path, part in
      part.allSatisfy(\.isNumber) ? "\(path)[\(part)]" : "\(path).\(part)"
    }
  }

  private func activation(_ nodes: [String], _ to: Change.Function) -> String {
    if framework == .torch, nodes.count > Self.mostLines { return replacing(nodes, to) }
    let lines = nodes.prefix(Self.mostLines).map { name -> String in
      let (layer, old) = (node(name)?.layer ?? name, node(name)?.op ?? "another")
      switch framework {
      case .torch:
        let along = to.hasAxis ? "dim=1" : ""
        return "\(path(layer)) = nn.\(to.title)(\(along))  # was \(old)"
      case .keras:
        let new = to == .identity ? "None" : "\"\(to.functionName)\""
        return "activation=\(new)  # layer \(layer), was \(old)"
      case .sklearn: return "activation=\"\(to.functionName)\"  # was \(old)"
      case .numpy: return "\(to.title) at \(layer)  # was \(old)"
      }
    }
    let distinct = framework == .sklearn ? Array(lines.prefix(1)) : lines
    return distinct.joined(separator: "\n") + (nodes.count > Self.mostLines ? "\n# and so on" : "")
  }

  /// The most lines of one kind; of more, a loop or the first.
  static let mostLines = 3

  /// Modules of any depth by name.
  private func replacing(_ nodes: [String], _ to: Change.Function) -> String {
    let names = nodes.map { "\"\(node($0)?.layer ?? $0)\"" }.joined(separator: ", ")
    let old = Set(nodes.map { node($0)?.op ?? "another" }).sorted().joined(separator: " or ")
    return """
      for name in [\(names)]:  # each was \(old)
          parent, _, own = name.rpartition(".")
          setattr(model.get_submodule(parent), own, nn.\(to.title)(\(to.hasAxis ? "dim=1" : "")))
      """
  }

  private func inserted(_ nodes: [String], _ op: Change.Function) -> String {
    let layers = nodes.map { node($0)?.layer ?? $0 }
    return layers.map { layer in
      switch framework {
      case .torch: "\(path(layer)) = nn.Sequential(\(path(layer)), nn.\(op.title)())"
      case .keras: "activation=\"\(op.functionName)\"  # layer \(layer), had none"
      case .sklearn: "activation=\"\(op.functionName)\"  # was \"identity\""
      case .numpy: "\(op.title) after \(layer)"
      }
    }.joined(separator: "\n")
  }

  private func loss(_ kind: String) -> String {
    let keras = [
      "mse": "MeanSquaredError()", "l1": "MeanAbsoluteError()", "huber": "Huber()",
      "bce": "BinaryCrossentropy()", "bce-with-logits": "BinaryCrossentropy(from_logits=True)",
      "cross-entropy": "SparseCategoricalCrossentropy(from_logits=True)",
      "categorical-cross-entropy": "SparseCategoricalCrossentropy()",
    ]
    switch framework {
    case .torch where Terms.torchLosses[kind] != nil:
      return "criterion = nn.\(Terms.torchLosses[kind] ?? "")()"
    case .keras where keras[kind] != nil: return "loss=keras.losses.\(keras[kind] ?? "")"
    default: return "loss = \"\(kind)\""
    }
  }

  private func updates(_ factor: Int) -> String {
    let epochs = run.training.epochs
    let count = (epochs ?? run.updates ?? 0).multipliedReportingOverflow(by: factor).partialValue
    let was = "  # was \(epochs ?? run.updates ?? 0)"
    switch framework {
    case .torch: return "for \(epochs == nil ? "step" : "epoch") in range(\(count)):" + was
    case .keras: return "model.fit(x, y, epochs=\(count))" + was
    case .sklearn: return "max_iter=\(count)" + was
    case .numpy: return "\(epochs == nil ? "steps" : "epochs") = \(count)" + was
    }
  }

  private func standardized(_ names: [String], isTarget: Bool) -> String {
    if framework == .sklearn {
      return isTarget
        ? "TransformedTargetRegressor(regressor, transformer=StandardScaler())"
        : "make_pipeline(StandardScaler(), estimator)"
    }
    return names.map { name in
      let isTable = (run.data[name]?.shape.count ?? 0) <= 2
      let axis = isTable ? "0" : ""
      let back = isTarget ? "  # and predictions back: p * std + mean" : ""
      return "\(name) = (\(name) - \(name).mean(\(axis))) / \(name).std(\(axis)).clip(1e-7)" + back
    }.joined(separator: "\n")
  }
}
