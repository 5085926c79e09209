import Operators
import Testing

@testable import Replay
@testable import Runs

private func network(_ memory: MemoryBudget) throws -> Run {
  var net = RunBuilder()
  net.input(shape: [64, 8], (0..<512).map { Float($0 % 7) })
  net.parameter("w", shape: [8, 4], (0..<32).map { Float($0 % 5) / 5 })
  net.layer("Gemm", "out", operands: ["w"])
  net.loss("mse", shape: [64, 4], (0..<256).map { Float($0 % 3) })
  var run = try net.run()
  run.memory = memory
  return run
}

@Test func `a replay has as many threads as memory has room for`() throws {
  let run = try network(.machine)
  let pass = try ReplayPass(run)
  let rows = try #require(Batches(run).ranges.first).count
  let bytes = TensorLayout(run, try Plan(run, rows: rows), GradientFlow(run)).bytes
  #expect(pass.threadLimit > 2)
  var small = run
  small.memory = MemoryBudget(bytes: 3 * bytes)
  let limited = try ReplayPass(small)
  #expect(limited.threadLimit == 3)
  #expect(try limited.run(workers: 4).vitals.loss == pass.run(workers: 4).vitals.loss)
}

@Test func `nobody's number is two GiB and four times the parameters`() throws {
  #expect(try network(MemoryBudget(bytes: 12345)).workingMemory == 12345)
  let standard = try network(.machine).workingMemory
  #expect(standard == min(MemoryBudget.machine.bytes, (1 << 31) + 4 * 4 * 32))
}
