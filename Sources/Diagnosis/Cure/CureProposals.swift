import Operators
import Replay
import Runs
import Trials

/// The changes that are tried on a run: what its findings ask for first, then what helps many.
struct CureProposals {
  let exam: Examination
  private var graph: Graph { exam.run.graph }

  /// All of them, each once.
  func all(_ findings: [Finding]) -> [Cure.Proposal] {
    var result: [Cure.Proposal] = []
    func add(_ change: Change, _ rule: String?) {
      guard change != .asSet, !result.contains(where: { $0.change == change }) else { return }
      result.append(Cure.Proposal(change, rule: rule))
    }
    for finding in findings where finding.isAlarm || CureTable.rows[finding.rule]?.count == 1 {
      for mend in CureTable.rows[finding.rule] ?? [] {
        for change in changes(mend, finding) { add(change, finding.rule.rawValue) }
      }
    }
    for mend in CureTable.generic {
      for change in changes(mend, nil) { add(change, nil) }
    }
    return Array(result.prefix(Self.most))
  }

  private static let most = 28

  /// The changes of a kind that fit the run, for a finding that asks for them.
  func changes(_ mend: CureTable.Mend, _ finding: Finding?) -> [Change] {
    let training = exam.run.training
    switch mend {
    case .asSet: return [.asSet]
    case .head: return heads
    case .loss: return losses
    case .rectified: return rectified
    case .leaky:
      let nodes = hidden.filter { $0.kind.activation?.rectifier ?? false }.map(\.name)
      return nodes.isEmpty ? [] : [.activations(nodes: nodes, to: .leakyRelu)]
    case .inserted: return inserted
    case .letThrough:
      let nodes = graph.nodes.filter { $0.kind.states(.stopsGradients) }.map(\.name)
      return nodes.isEmpty ? [] : [.letThrough(nodes: nodes)]
    case .reshaped:
      let mixed = zip(exam.run.losses, exam.plan.couplings).filter { $0.1 == .mixed }
      return mixed.isEmpty ? [] : [.reshapedTargets(mixed.map(\.0.target))]
    case .averaged: return exam.run.losses.contains { !$0.mean } ? [.averaged] : []
    case .fresh: return exam.startWeights == nil ? [] : [.freshWeights]
    case .inputs:
      let names = scope.inputs.sorted()
      return names.isEmpty ? [] : [.scaledInputs(names)]
    case .targets:
      let names = scope.targets.sorted()
      return names.isEmpty ? [] : [.scaledTargets(names)]
    case .narrow: return wider(narrowed: true)
    case .wider: return wider(narrowed: false)
    case .deeper:
      // A network with hidden layers gets another where a finding says that it lacks one.
      guard finding != nil || hidden.isEmpty else { return [] }
      return exam.run.losses.compactMap { lastLayer(before: $0.prediction) }.map {
        .hiddenLayer(before: $0.name, units: Self.units)
      }
    case .batches:
      let rows = min(Self.batch, exam.run.samples)
      return rows > exam.run.nominalBatch ? [.batches(rows: rows)] : []
    case .outliers: return [.withoutOutliers]
    case .balanced: return [.balanced]
    case .shuffled: return training.shuffle == false ? [.shuffled] : []
    case .dropout:
      return graph.nodes.contains { $0.kind.states(.drops) } ? [.withoutDropout] : []
    case .penalties: return scope.unpenalized ? [.unpenalized] : []
    case .complete: return scope.complete ? [.complete] : []
    case .unclipped: return training.clip == nil ? [] : [.unclipped]
    case .clipped: return training.clip == nil ? [.clipped(norm: 1)] : []
    case .schedule: return (try? exam.run.schedule) == nil ? [] : [.unscheduled]
    case .slower, .faster: return rates(mend == .slower, finding)
    case .optimizer:
      let isPlain = training.optimizer.map {
        $0.kind.hasPrefix("adam") && (3e-4...3e-3).contains($0.learningRate)
      }
      return isPlain == true && finding == nil ? [] : [.optimizer(kind: "adam", learningRate: 1e-3)]
    case .longer: return [.updates(factor: 4)]
    }
  }

  private var scope: TrialScope {
    Measurer(run: exam.run, workers: 1, executor: nil, progress: Progress())
      .trialScope(exam.plan, exam.data)
  }

  /// The rate that the finding names, and powers of ten.
  private func rates(_ isSlower: Bool, _ finding: Finding?) -> [Change] {
    var factors: [Double] = []
    if let named = finding?.facts.rateFactor, named != 1, named > 0, named.isFinite {
      factors.append(named)
    }
    factors += isSlower ? [0.1, 0.01, 0.001] : [10, 100, 1000]
    if let best = bestRate, (best < 1) == isSlower { factors.append(best) }
    return factors.map { .learningRate(factor: $0) }
  }

  /// The learning rate with which the search of trials came farthest.
  private var bestRate: Double? {
    guard case .done(let trials) = exam.trials else { return nil }
    let start: Changes.Start = exam.startWeights == nil ? .fresh : .before
    let plain = trials.all.filter { trial in
      let same = Changes().with {
        $0.start = start
        ($0.rate, $0.steps) = (trial.changes.rate, trial.changes.steps)
      }
      return trial.changes == same
    }
    return plain.min { ($0.best(), $0.changes.rate) < ($1.best(), $1.changes.rate) }?.changes.rate
  }

  /// Units of a layer that is put in, the fewest of one that is made wider, and by how much it grows.
  private static let units = 32
  private static let growth = 4
  /// The most units that a layer grows to.
  private static let mostUnits = 512
  /// Rows of a batch whose own statistics are near those of the data.
  private static let batch = 32

  /// All layers that can be, with as many units as the widest would grow to; or the narrowest alone.
  private func wider(narrowed: Bool) -> [Change] {
    let layers = Change.resizable(exam.run, exam.plan)
    guard let least = layers.map(\.units).min(), let most = layers.map(\.units).max() else {
      return []
    }
    let chosen = narrowed ? layers.filter { $0.units == least } : layers
    let units = max(Self.units, narrowed ? most : min(Self.mostUnits, Self.growth * most))
    return units > least ? [.wider(nodes: chosen.map(\.node), units: units)] : []
  }

  /// The layer whose outputs a loss judges, through activations and shapes.
  private func lastLayer(before tensor: Int) -> Graph.Node? {
    var tensor = tensor
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if node.kind.states(.affine) { return node }
      guard let input = node.inputs.first.flatMap({ $0 }) else { return nil }
      tensor = input
    }
    return nil
  }

  // MARK: the graph

  /// The node with the activation, the probabilities or their logarithms right before a loss.
  private func head(_ term: Run.LossTerm) -> Graph.Node? {
    var tensor = term.prediction
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if node.kind.activation != nil || node.kind.states(.logarithm) {
        return node
      }
      guard node.kind.states(.passesValues), let input = node.inputs.first.flatMap({ $0 }) else {
        return nil
      }
      tensor = input
    }
    return nil
  }

  private func function(_ node: Graph.Node) -> Change.Function? { .init(rawValue: node.op) }

  private var headNames: Set<String> { Set(exam.run.losses.compactMap { head($0)?.name }) }

  /// Nodes with an activation between layers.
  private var hidden: [Graph.Node] {
    let heads = headNames
    return graph.nodes.filter { $0.kind.activation != nil && !heads.contains($0.name) }
  }

  private var rectified: [Change] {
    let nodes = hidden.filter { ($0.kind.activation?.range.upperBound ?? .infinity) < .infinity }
    // A softmax between layers weighs what is attended to: only where a finding asks is it in the way.
    let names = nodes.filter { !isAttention($0) }.map(\.name)
    return names.isEmpty ? [] : [.activations(nodes: names, to: .relu)]
  }

  /// Whether a node gives weights that another signal is multiplied by.
  private func isAttention(_ node: Graph.Node) -> Bool {
    guard node.kind.states(.distribution) || node.kind.states(.probability) else { return false }
    return node.outputs.contains { output in
      graph.consumers[output].contains { use in
        let others = graph.nodes[use.node].inputs.compactMap { $0 }.filter { $0 != output }
        return others.contains { exam.plan.operands[$0].batched }
      }
    }
  }

  private var heads: [Change] {
    exam.run.losses.compactMap { term in
      guard let node = head(term) else { return nil }
      let range = node.kind.activation?.range
      let isBounded = range.map { $0.lowerBound > -.infinity || $0.upperBound < .infinity } ?? true
      switch term.loss.head {
      case .values, .logits:
        return isBounded ? .head(node: node.name, to: .identity) : nil
      case .probabilities:
        let isEvent = type(of: term.loss).info.targets == .probabilities
        let right = isEvent ? Change.Function.sigmoid : .softmax
        return function(node) == right ? nil : .head(node: node.name, to: right)
      case .logProbabilities:
        return function(node) == .softmax ? .head(node: node.name, to: .logSoftmax) : nil
      case .unknown: return nil
      }
    }
  }

  private var inserted: [Change] {
    let nodes = graph.nodes.filter { node in
      guard SignalPath.kernel(of: node, exam) != nil, node.outputs.count == 1,
        SignalPath.affineInput(of: node, exam) != nil
      else { return false }
      return SignalPath.kernelsFedLinearly(by: node.outputs[0], exam) != nil
    }
    return nodes.isEmpty ? [] : [.inserted(after: nodes.map(\.name), op: .relu)]
  }

  /// By loss: its sibling that fits the head and the targets.
  private var losses: [Change] {
    exam.run.losses.enumerated().flatMap { index, term in
      siblings(term).filter { $0 != term.kind }.map { .loss(term: index, kind: $0) }
    }
  }

  private func siblings(_ term: Run.LossTerm) -> [String] {
    let columns = exam.data.arrays[term.target]?.columns
    let low = columns?.minimum.min() ?? 0
    let high = columns?.maximum.max() ?? 0
    let labels = exam.data.arrays[term.target]?.labels
    let isEvent = (low, high) == (0, 1) && (labels.map { $0.count == 2 } ?? false)
    let node = head(term)
    let op = node.flatMap(function)
    switch type(of: term.loss).info.targets {
    case .values where isEvent:
      return op == .sigmoid
        ? ["bce"]
        : op == .softmax
          ? ["categorical-cross-entropy"]
          : node == nil
            ? ["bce-with-logits", "mse"] : ["mse"]
    case .values: return ["mse", "huber"]
    case .probabilities where low < 0 || high > 1: return ["mse"]
    case .probabilities: return op == .sigmoid ? ["bce"] : ["bce-with-logits"]
    case .classes:
      return op == .softmax
        ? ["categorical-cross-entropy"]
        : op == .logSoftmax
          ? ["nll"]
          : ["cross-entropy"]
    case .signs, .counts, .distributions: return ["mse"]
    case .unknown: return []
    }
  }
}
