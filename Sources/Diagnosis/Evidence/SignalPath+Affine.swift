import Operators
import Replay
import Runs

extension SignalPath {
  /// The data operand of a node that is affine in it and takes no other: nil for anything else.
  static func affineInput(of node: Graph.Node, _ exam: Examination) -> Int? {
    guard node.kind.states(.affine), !node.kind.states(.takesIndices) else { return nil }
    let batched = node.inputs.compactMap { $0 }.filter { exam.plan.operands[$0].batched }
    return batched.count == 1 ? batched.first : nil
  }

  /// The trainable kernel of a node.
  static func kernel(of node: Graph.Node, _ exam: Examination) -> Graph.Parameter? {
    for case let input? in node.inputs where exam.plan.roles[input]?.kind == .kernel {
      if let found = exam.run.graph.parameter(at: input), found.trainable { return found }
    }
    return nil
  }

  /// Where the values of a tensor go through affine operators of one operand: the nodes with
  /// kernels that they meet first. nil when some way ends otherwise: at a non-linear operator, a
  /// product or sum of two signals, a loss or an output of the graph.
  static func kernelsFedLinearly(by tensor: Int, _ exam: Examination) -> [Int]? {
    let graph = exam.run.graph
    var result: [Int] = []
    var open = [tensor]
    while let next = open.popLast() {
      if graph.outputs.contains(next) || exam.run.losses.contains(where: { $0.prediction == next })
      {
        return nil
      }
      if graph.consumers[next].isEmpty && next == tensor { return nil }
      for use in graph.consumers[next] {
        let node = graph.nodes[use.node]
        guard affineInput(of: node, exam) == next else { return nil }
        if kernel(of: node, exam) != nil {
          result.append(use.node)
        } else {
          open += node.outputs
        }
      }
    }
    return result.isEmpty ? nil : Array(Set(result)).sorted()
  }

  /// Whether an input reaches a kernel through operators that pass values on: a normalization in
  /// between makes its scale harmless, and an embedding takes it for an index.
  static func feedsKernel(_ input: Int, _ run: Run, _ plan: Plan) -> Bool {
    var open = [input]
    while let tensor = open.popLast() {
      for use in run.graph.consumers[tensor] {
        let node = run.graph.nodes[use.node]
        let roles = node.inputs.map { $0.flatMap { plan.roles[$0]?.kind } }
        if node.kind.states(.takesIndices) && use.slot > 0 { continue }
        if roles.contains(.kernel) { return true }
        if node.kind.states(.passesValues) { open += node.outputs }
      }
    }
    return false
  }

  /// What the last layer of weights before a prediction takes in.
  static func lastFeatures(of term: Run.LossTerm, _ exam: Examination) -> Int? {
    let graph = exam.run.graph
    var tensor = term.prediction
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if kernel(of: node, exam) != nil { return affineInput(of: node, exam) }
      guard let input = affineInput(of: node, exam) ?? node.inputs.first.flatMap({ $0 }),
        node.kind.activation != nil || node.kind.states(.passesValues)
          || affineInput(of: node, exam) != nil
      else { return nil }
      tensor = input
    }
    return nil
  }
}
