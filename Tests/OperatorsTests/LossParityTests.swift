import Testing

@testable import Operators

/// Losses against the frameworks that they come from.
@Suite struct LossParityTests {
  @Test(arguments: LossRow.pytorch + LossRow.keras)
  func `sums and slopes are the framework's`(row: LossRow) throws {
    var inputs = LossInputs(prediction: Self.floats(row.p), target: Self.floats(row.t))
    inputs.weights = row.weights.map(Self.floats)
    inputs.second = row.second.map(Self.floats)
    inputs.sampleWeights = row.sampleWeights.map { $0.map(Float.init) }
    let found = try LossResult(LossRegistry.make(row.kind, row.settings), inputs)
    #expect(abs(found.sum - row.sum) < 1e-5 * max(1, abs(row.sum)), "\(found.sum) \(row.sum)")
    #expect(distance(found.gradient, row.slopes.map(Float.init)) < 1e-5)
    #expect(distance(found.secondGradient, row.secondSlopes.map(Float.init)) < 1e-5)
  }

  static func floats(_ operand: LossRow.Operand) -> (dims: [Int], values: [Float]) {
    (operand.dims, operand.values.map(Float.init))
  }
}
