import Operators
import Replay
import Runs
import Trials

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
    lastNode(of: term, exam).flatMap { affineInput(of: exam.run.graph.nodes[$0.node], exam) }
  }

  /// The last layer of weights before a prediction, as far as its weights are a matrix.
  static func lastLayer(of term: Run.LossTerm, _ exam: Examination) -> HeadRefit.Layer? {
    guard let (index, bias) = lastNode(of: term, exam) else { return nil }
    let node = exam.run.graph.nodes[index]
    guard let input = affineInput(of: node, exam), let kernel = kernel(of: node, exam),
      let role = exam.plan.roles[kernel.tensor], kernel.array.shape.count == 2
    else { return nil }
    return HeadRefit.Layer(
      input: input, kernel: kernel.tensor, unitAxis: role.unitAxis,
      bias: self.bias(of: node, exam) ?? bias)
  }

  /// The last node with a kernel before a prediction, and the bias that is added behind it.
  private static func lastNode(
    of term: Run.LossTerm, _ exam: Examination
  ) -> (node: Int, bias: Int?)? {
    let graph = exam.run.graph
    var tensor = term.prediction
    var behind: Int?
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if kernel(of: node, exam) != nil { return (index, behind) }
      guard let input = affineInput(of: node, exam) ?? node.inputs.first.flatMap({ $0 }),
        node.kind.activation != nil || node.kind.states(.passesValues)
          || affineInput(of: node, exam) != nil
      else { return nil }
      behind = bias(of: node, exam) ?? behind
      tensor = input
    }
    return nil
  }

  private static func bias(of node: Graph.Node, _ exam: Examination) -> Int? {
    node.inputs.compactMap { $0 }.first { tensor in
      exam.plan.roles[tensor]?.kind == .bias
        && exam.run.graph.parameter(at: tensor)?.trainable == true
    }
  }
}
