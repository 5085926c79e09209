import Operators
import Testing

/// What a framework gives for one loss in double precision.
struct LossRow: Sendable, CustomTestStringConvertible {
  typealias Operand = (dims: [Int], values: [Double])

  let kind: String
  let title: String
  let settings: [String: AttributeValue]
  let p: Operand
  let t: Operand
  let weights: Operand?
  let second: Operand?
  let sampleWeights: [Double]?
  let sum: Double
  let slopes: [Double]
  let secondSlopes: [Double]

  var testDescription: String { "\(kind), \(title)" }

  init(
    _ kind: String, _ title: String, _ settings: [String: AttributeValue], p: Operand, t: Operand,
    weights: Operand? = nil, second: Operand? = nil, sampleWeights: [Double]? = nil, sum: Double,
    slopes: [Double], secondSlopes: [Double] = []
  ) {
    self.kind = kind
    self.title = title
    self.settings = settings
    self.p = p
    self.t = t
    self.weights = weights
    self.second = second
    self.sampleWeights = sampleWeights
    self.sum = sum
    self.slopes = slopes
    self.secondSlopes = secondSlopes
  }
}
