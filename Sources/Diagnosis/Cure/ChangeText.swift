import Runs
import Trials

/// A change in words, and as a line of code in the terms of the run's framework.
struct ChangeText {
  private let run: Run
  private let code: ChangeCode
  private let terms: Terms

  /// - Parameter changes: all that is changed at once.
  init(_ run: Run, together changes: [Change] = []) {
    self.run = run
    terms = Terms(run)
    code = ChangeCode(run, together: changes)
  }

  /// The line of code.
  func line(_ change: Change) -> String { code.line(change) }

  /// Several changes in words.
  func name(_ changes: [Change]) -> String { changes.map(name).joined(separator: ", ") }

  /// The change in words.
  func name(_ change: Change) -> String {
    switch change {
    case .asSet: "the same training by a loop that does what its settings say"
    case .head(let node, .identity): "no \(op(node)) at the output"
    case .head(let node, let to): "\(to.title) in place of \(op(node)) at the output"
    case .activations(let nodes, let to):
      "\(to.title) in place of \(ops(nodes)) at \(layers(nodes))"
    case .inserted(let nodes, let op): "\(op.title) after \(layers(nodes))"
    case .wider(let nodes, let units): "\(units) units at \(layers(nodes))"
    case .hiddenLayer(let node, let units):
      "another layer of \(units) units with a ReLU before \(layers([node]))"
    case .letThrough(let nodes): "gradients let through at \(layers(nodes))"
    case .loss(let term, let kind): "the loss \(terms.loss(kind)) in place of \(kindOfLoss(term))"
    case .reshapedTargets: "targets in the shape of the predictions"
    case .averaged: "the loss averaged over the batch"
    case .freshWeights: "weights drawn anew"
    case .scaledInputs(let names): "inputs standardized\(which(names, run.graph.inputs.count))"
    case .scaledTargets(let names): "targets standardized\(which(names, run.losses.count))"
    case .withoutOutliers: "outliers left out"
    case .balanced: "rare classes as often as frequent ones"
    case .shuffled: "rows shuffled"
    case .withoutDropout: "no dropout"
    case .unpenalized: "no penalty and no weight decay"
    case .complete: "all parameters in the optimizer"
    case .batches(let rows): "batches of \(rows) rows in place of \(run.nominalBatch)"
    case .unclipped: "gradients not clipped"
    case .clipped(let norm): "gradients clipped to a norm of \(Wording.number(norm))"
    case .unscheduled: "the learning rate held"
    case .learningRate(let factor):
      "learning rate \(Wording.rounded(rate * factor)) in place of \(Wording.rounded(rate))"
    case .optimizer(let kind, let rate):
      """
      \(terms.optimizer(kind)) at \(Wording.number(rate)) in place of \
      \(run.training.optimizer.map { terms.optimizer($0.kind) } ?? "nothing")
      """
    case .updates(let factor): "\(factor) times as many updates"
    }
  }

  private var rate: Double { run.training.optimizer?.learningRate ?? 0 }

  private func kindOfLoss(_ term: Int) -> String {
    run.losses.indices.contains(term) ? terms.loss(run.losses[term].kind) : "the other"
  }

  private func which(_ names: [String], _ all: Int) -> String {
    names.count < all ? " (\(names.joined(separator: ", ")))" : ""
  }

  private func node(_ name: String) -> Graph.Node? { run.graph.nodes.first { $0.name == name } }

  private func op(_ name: String) -> String {
    guard let op = node(name)?.op else { return "activation" }
    return Change.Function(rawValue: op)?.title ?? op
  }

  private func ops(_ nodes: [String]) -> String {
    Set(nodes.map(op)).sorted().joined(separator: " and ")
  }

  private func layers(_ nodes: [String]) -> String {
    let names = nodes.map { node($0)?.layer ?? $0 }
    return names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
  }
}
