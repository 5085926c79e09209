import Replay
import Runs

extension Examination {
  /// The values of a parameter after the training.
  public func values(_ parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    weights.values(of: parameter)
  }

  /// The values of a parameter before the training; empty when they were not exported.
  public func initialValues(_ parameter: Graph.Parameter) -> UnsafeBufferPointer<Float> {
    initialWeights?.values(of: parameter) ?? UnsafeBufferPointer(start: nil, count: 0)
  }
}
