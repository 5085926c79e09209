import Tensors

/// An optimizer with its settings read, as the rule by which one parameter tensor is updated. One
/// file an optimizer.
public protocol Optimizer: Sendable {
  /// What one update does to sixteen values.
  associatedtype Rule: UpdateRule

  /// Kind, settings and formulas.
  static var info: OptimizerInfo { get }

  /// Reads the settings of the optimizer in run.json.
  ///
  /// - Throws: `OperatorError.attribute` when one is missing, or has a wrong type or value.
  init(_ settings: Attributes) throws(OperatorError)

  /// The step size; a schedule changes it between updates.
  var learningRate: Double { get set }

  /// How the weights themselves are made smaller.
  var decay: WeightDecay { get }

  /// What each value of the state begins with; one entry for each number kept a weight.
  var initialState: [Float] { get }

  /// The rule of an update, counted from 1.
  func rule(update: Int) -> Rule

  /// What a lasting gradient is multiplied by for each element, apart from `effectiveStep`, once
  /// the optimizer's averages have settled: 1 without preconditioning.
  ///
  /// - Parameters:
  ///   - secondMoment: the mean of the squared gradient over batches, ≥ 0.
  ///   - mean: the mean of the gradient over batches.
  ///   - updates: how many updates there were, for sums that never forget.
  func factor(secondMoment: Double, mean: Double, updates: Int) -> Double

  /// The length of a step along a gradient of 1 that lasts, apart from `factor`: what momentum
  /// makes of the learning rate.
  var effectiveStep: Double { get }
}

/// One update of sixteen weights.
public protocol UpdateRule: Sendable {
  /// Changes weights and state by a gradient.
  func apply(_ weights: inout Vector, _ gradient: Vector, _ state: inout StateVectors)

  /// Does that to `count` weights, with up to three lists of as many numbers kept. Never written anew:
  /// it is a requirement so that each rule gets a loop compiled for itself.
  func apply(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ kept: StateLists, count: Int)
}

/// Where the numbers kept a weight lie; nil for those that an optimizer does not keep.
public struct StateLists {
  let first: UnsafeMutablePointer<Float>?
  let second: UnsafeMutablePointer<Float>?
  let third: UnsafeMutablePointer<Float>?
}

extension UpdateRule {
  /// Does it sixteen weights at a time.
  public func apply(
    _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
    _ kept: StateLists, count: Int
  ) { applyToAll(self, weights, gradient, kept, count) }
}

/// On its own, for inside the witness of a protocol the compiler inlines no square root.
@inline(never)
private func applyToAll<Rule: UpdateRule>(
  _ rule: Rule, _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
  _ kept: StateLists, _ count: Int
) {
  forEachVector(count) { lanes in
    var value = weights.vector(lanes)
    var state = StateVectors()
    if let first = kept.first { state.first = first.vector(lanes) }
    if let second = kept.second { state.second = second.vector(lanes) }
    if let third = kept.third { state.third = third.vector(lanes) }
    rule.apply(&value, gradient.vector(lanes), &state)
    weights.store(lanes, value)
    if let first = kept.first { first.store(lanes, state.first) }
    if let second = kept.second { second.store(lanes, state.second) }
    if let third = kept.third { third.store(lanes, state.third) }
  }
}

/// The state of sixteen weights.
public struct StateVectors: Sendable {
  /// The first number kept a weight.
  public var first = Vector.zero
  /// The second.
  public var second = Vector.zero
  /// The third.
  public var third = Vector.zero
}

extension Optimizer {
  /// The factor of every element.
  ///
  /// - Parameter mean: the mean of each gradient; nil for 0.
  public func preconditioner(
    secondMoment: [Double], mean: [Double]? = nil, updates: Int = 1
  ) -> [Double] {
    secondMoment.indices.map { i in
      let mean = mean.flatMap { $0.indices.contains(i) ? $0[i] : nil } ?? 0
      return factor(secondMoment: secondMoment[i], mean: mean, updates: updates)
    }
  }

  /// The state of a parameter of so many elements before the first update.
  public func makeState(count: Int) -> OptimizerState {
    OptimizerState(count: count, initial: initialState)
  }

  /// Updates the weights of one parameter, and the state that belongs to it.
  ///
  /// - Throws: `OperatorError.shapes` when the lengths differ.
  public func step(
    _ weights: inout MutableSpan<Float>, gradient: Span<Float>, state: inout OptimizerState
  ) throws(OperatorError) {
    try weights.withUnsafeMutableBufferPointer { weights throws(OperatorError) in
      try gradient.withUnsafeBufferPointer { gradient throws(OperatorError) in
        try step(weights, gradient: gradient, state: &state)
      }
    }
  }

  /// The same on memory that the caller holds.
  ///
  /// - Throws: `OperatorError.shapes` when the lengths differ.
  public func step(
    _ weights: UnsafeMutableBufferPointer<Float>, gradient: UnsafeBufferPointer<Float>,
    state: inout OptimizerState
  ) throws(OperatorError) {
    let count = weights.count
    guard gradient.count == count, state.count == count,
      state.values.count == initialState.count * count
    else {
      throw .shapes(
        found: "\(gradient.count) gradients and the state of \(state.count)",
        expected: "\(count), as there are weights, and a state of this optimizer")
    }
    state.updates += 1
    guard let w = weights.baseAddress, let from = gradient.baseAddress else { return }
    let g = UnsafeMutablePointer(mutating: from)
    let rule = rule(update: state.updates)
    state.values.withUnsafeMutableBufferPointer { memory in
      let kept = StateLists(
        first: memory.slot(0, count), second: memory.slot(1, count), third: memory.slot(2, count))
      rule.apply(w, g, kept, count: count)
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// One of several lists of `count` values that lie behind each other; nil past the end.
  fileprivate func slot(_ index: Int, _ count: Int) -> UnsafeMutablePointer<Float>? {
    (index + 1) * count <= self.count ? baseAddress.map { $0 + index * count } : nil
  }
}
