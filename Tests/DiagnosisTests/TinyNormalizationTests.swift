import Replay
import Runs
import Testing

@testable import Diagnosis

/// A batch normalization in training mode, over batches of so many samples.
private func found(batch: Int) throws -> [String] {
  var net = RunBuilder()
  net.input([[1, 2], [3, 4], [5, 9], [7, 8], [0, 1], [2, 2]])
  net.parameter("one", shape: [2], [1, 1])
  net.parameter("zero", shape: [2], [0, 0])
  net.parameter("mean", shape: [2], [0, 0], trainable: false)
  net.parameter("variance", shape: [2], [1, 1], trainable: false)
  net.layer(
    "BatchNormalization", "bn", operands: ["one", "zero", "mean", "variance"],
    attributes: ["training_mode": .int(1)])
  net.dense("fc", [[0.5, 0.2]])
  net.loss("mse", shape: [6, 1], [1, 2, 3, 4, 0, 1])
  net.training["batch_size"] = .int(batch)
  let exam = try Check().examine(try net.run(), Progress())
  return try TinyNormalization().check(exam).map(\.message)
}

/// No worked example: told in batches of another size, the same run has the fault no longer.
@Test func `a batch of two leaves the order of its samples alone`() throws {
  let message = try #require(try found(batch: 2).first)
  #expect(message.contains("normalizes 2 values at a time"))
  #expect(try found(batch: 3) == [])
  // A batch of one is told by the rule on statistics of the batch.
  #expect(try found(batch: 1) == [])
}
