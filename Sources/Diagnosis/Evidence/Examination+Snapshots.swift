import Replay
import Runs

extension Examination {
  /// One of the two moments at which a run is replayed.
  struct Snapshot {
    let vitals: ReplayVitals
    let weights: Weights
    /// Whether it is the one before the training.
    let isStart: Bool

    /// For sentences: "at the start" or "after the training".
    let text: String
  }

  /// The moments whose replay is finite: the start first, when the weights of then were exported.
  /// A run that says it was not trained has its start in the current weights.
  var snapshots: [Snapshot] {
    var result: [Snapshot] = []
    if let initial, let initialWeights, Self.isFinite(initial, run) {
      result.append(
        Snapshot(vitals: initial, weights: initialWeights, isStart: true, text: "at the start"))
    }
    if isFinite {
      let fresh = isTrained == false
      result.append(
        Snapshot(
          vitals: current, weights: weights, isStart: fresh,
          text: fresh ? "at the start" : initial == nil ? "at these weights" : "after the training")
      )
    }
    return result
  }

  static func isFinite(_ vitals: ReplayVitals, _ run: Run) -> Bool {
    guard vitals.loss.isFinite else { return false }
    let strange = vitals.activations.indices.filter { tensor in
      vitals.activations[tensor]?.nonFinite.contains { $0 > 0 } ?? false
    }
    guard !strange.isEmpty else { return true }
    return Masks.hidden(run.graph, vitals, run.losses).isSuperset(of: strange)
  }

  /// The weights before the training, be it that they were exported or that there was none; nil
  /// when nobody knows them.
  var startWeights: Weights? { initialWeights ?? (isTrained == false ? weights : nil) }

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

extension UnitMoments {
  /// The root mean square of all values of all units.
  var magnitude: Double {
    var power = 0.0
    var total = 0
    for unit in 0..<units where count[unit] > 0 {
      power += squares[unit] + mean[unit] * mean[unit] * Double(count[unit])
      total += count[unit]
    }
    return total > 0 ? (power / Double(total)).squareRoot() : 0
  }

  /// The standard deviation of all values around their units' means.
  var spread: Double {
    let total = count.reduce(0, +)
    return total > 0 ? (squares.reduce(0, +) / Double(total)).squareRoot() : 0
  }

  /// The mean of all values.
  var meanOfMeans: Double {
    let total = count.reduce(0, +)
    guard total > 0 else { return 0 }
    return (0..<units).reduce(0) { $0 + mean[$1] * Double(count[$1]) } / Double(total)
  }

  /// The smallest value of all units.
  var smallest: Double { Double(minimum.min() ?? .infinity) }

  /// The largest value of all units.
  var largest: Double { Double(maximum.max() ?? -.infinity) }
}
