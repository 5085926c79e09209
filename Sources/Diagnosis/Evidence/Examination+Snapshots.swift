import Replay
import Runs

extension Examination {
  /// A kernel's gradient and weights at one snapshot.
  struct KernelGradient {
    let kernel: Kernel
    /// The Euclidean norm of the gradient.
    let gradient: Double
    /// That of the weights.
    let weights: Double
    /// How many there are.
    let count: Int

    /// How much of the weights the gradient is.
    var relative: Double { gradient / weights }
  }

  /// The trainable kernels that have a gradient and are not all zero, in the order of the nodes.
  func kernelGradients(at snapshot: Snapshot) -> [KernelGradient] {
    let order = Dictionary(
      run.graph.nodes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    return kernels.filter(\.parameter.trainable).sorted {
      (order[$0.node.name] ?? 0) < (order[$1.node.name] ?? 0)
    }.compactMap { kernel in
      guard let gradient = snapshot.vitals.parameterGradients[kernel.parameter.tensor] else {
        return nil
      }
      let values = snapshot.weights.values(of: kernel.parameter)
      let g = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let w = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      guard g > 0, w > 0, g.isFinite, w.isFinite else { return nil }
      return KernelGradient(kernel: kernel, gradient: g, weights: w, count: values.count)
    }
  }
}

extension Examination.Snapshot {
  /// Whether it is the one before the training.
  var isStart: Bool { when == .start }

  /// For sentences: "at the start" or "after the training".
  var text: String {
    switch when {
    case .start: "at the start"
    case .handedOver: "at these weights"
    case .end: "after the training"
    }
  }
}
