import Operators
import Tensors

/// How often each label was predicted, was the target, and was both, for one loss on classes. A
/// head of several columns with one probability each has one entry per column, of two labels.
public struct ClassCounts: Sendable, Equatable {
  /// By column, then by label: predictions.
  public internal(set) var predicted: [[Int]]
  /// Targets.
  public internal(set) var actual: [[Int]]
  /// Predictions that were right.
  public internal(set) var correct: [[Int]]

  /// Adds what was seen elsewhere.
  mutating func merge(_ other: ClassCounts) {
    for column in predicted.indices {
      for label in predicted[column].indices {
        predicted[column][label] += other.predicted[column][label]
        actual[column][label] += other.actual[column][label]
        correct[column][label] += other.correct[column][label]
      }
    }
  }

  /// Counts of nothing; nil when the loss is none on classes, or has more than 10 000 of them.
  init?(_ info: LossInfo, prediction: Shape) {
    let (columns, labels): (Int, Int)
    switch info.targets {
    case .values, .counts, .distributions, .unknown: return nil
    case .classes: (columns, labels) = (1, prediction.rank > 1 ? prediction[1] : 0)
    case .probabilities, .signs: (columns, labels) = (prediction.rowCount, 2)
    }
    guard labels > 1, columns * labels <= 10_000 else { return nil }
    let zeros = [[Int]](repeating: [Int](repeating: 0, count: labels), count: columns)
    (predicted, actual, correct) = (zeros, zeros, zeros)
  }

  /// Adds one batch of a prediction and its targets.
  mutating func observe(_ info: LossInfo, prediction: Tensor, target: Tensor) {
    switch info.targets {
    case .values, .counts, .distributions, .unknown: return
    case .classes: observeClasses(prediction, target)
    case .probabilities, .signs:
      guard prediction.count == target.count else { return }
      // Sides are −1 and 1, or 0 and 1: the upper one is above ½ in both.
      let threshold: Float = info.head == .logits ? 0 : 0.5
      for i in 0..<prediction.count {
        add(
          prediction.base[i] > threshold ? 1 : 0, target.base[i] > 0.5 ? 1 : 0,
          column: i % predicted.count)
      }
    }
  }

  /// The predicted label is the first of the largest scores along axis 1.
  private mutating func observeClasses(_ prediction: Tensor, _ target: Tensor) {
    let (outer, inner) = prediction.shape.around(1)
    let labels = prediction.shape[1]
    let indexed = target.shape != prediction.shape
    for position in 0..<(outer * inner) {
      let start = position / inner * labels * inner + position % inner
      let label = Self.largest(prediction.base + start, labels, inner)
      if !indexed {
        add(label, Self.largest(target.base + start, labels, inner), column: 0)
      } else if let index = Int(exactly: target.base[position]), (0..<labels).contains(index) {
        add(label, index, column: 0)
      }
    }
  }

  private mutating func add(_ label: Int, _ truth: Int, column: Int) {
    predicted[column][label] += 1
    actual[column][truth] += 1
    if label == truth { correct[column][label] += 1 }
  }

  private static func largest(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ step: Int
  ) -> Int {
    var best = 0
    for i in 1..<count where values[i * step] > values[best * step] { best = i }
    return best
  }
}
