import Glibc
import Operators
import Runs

/// The values that a head can give as a prediction, so that no loss is held against predictions that no
/// weights could make.
struct PredictionReach {
  private enum Kind {
    case values(ClosedRange<Double>)
    /// Shares that sum to 1 along axis 1 of two.
    case shares
    /// Their logarithms.
    case logarithms
  }

  private let kind: Kind
  /// The length of a row.
  private let width: Int

  /// What the activation right before a loss leaves of all numbers.
  init(_ term: Run.LossTerm, _ graph: Graph, _ shape: [Int]) {
    width = shape.dropFirst().reduce(1, *)
    var tensor = term.prediction
    var found = Kind.values(Activation.reals)
    while let index = graph.producer[tensor] {
      let node = graph.nodes[index]
      if node.kind.states(.distribution) {
        let isLogarithm = node.kind.states(.logarithm)
        if shape.count == 2 {
          found = isLogarithm ? .logarithms : .shares
        } else {
          found = .values(isLogarithm ? -.infinity...0 : 0...1)
        }
        break
      }
      if let activation = node.kind.activation {
        found = .values(activation.range)
        break
      }
      guard node.kind.states(.passesValues), let input = node.inputs.first.flatMap({ $0 }) else {
        break
      }
      tensor = input
    }
    kind = found
  }

  /// The nearest values that the head can give, or values near those.
  func within(_ values: [Float]) -> [Float] {
    switch kind {
    case .values(let range) where range == Activation.reals: return values
    case .values(let range):
      return values.map { Float(min(max(Double($0), range.lowerBound), range.upperBound)) }
    case .shares:
      return rows(values) { row in
        let kept = row.map { max(0, $0) }
        let sum = kept.reduce(0, +)
        return sum > 0 ? kept.map { $0 / sum } : row.map { _ in 1 / Float(row.count) }
      }
    case .logarithms:
      return rows(values) { row in
        let top = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - top) }
        return row.map { $0 - top - log(sum) }
      }
    }
  }

  private func rows(_ values: [Float], _ change: (ArraySlice<Float>) -> [Float]) -> [Float] {
    guard width > 0, values.count % width == 0 else { return values }
    return stride(from: 0, to: values.count, by: width).flatMap {
      change(values[$0..<($0 + width)])
    }
  }
}
