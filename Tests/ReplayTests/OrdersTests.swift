import Operators
import Tensors
import Testing

@testable import Replay
@testable import Runs

/// Convolutions with a pool between them, a normalized branch that is added, and a dense head.
private func network() throws -> Run {
  var generator = SplitMix(seed: 8)
  func values(_ count: Int, _ size: Double) -> [Float] {
    (0..<count).map { _ in Float(generator.uniform() * size) }
  }
  var net = RunBuilder()
  net.input(shape: [21, 3, 9, 8], values(21 * 3 * 9 * 8, 1))
  func convolution(_ name: String, _ from: Int, _ to: Int) {
    net.parameter("\(name).w", shape: [to, from, 3, 3], values(to * from * 9, 0.2))
    net.parameter("\(name).b", shape: [to], values(to, 0.1))
    net.layer(
      "Conv", name, operands: ["\(name).w", "\(name).b"],
      attributes: ["pads": .ints([1, 1, 1, 1])])
  }
  convolution("first", 3, 16)
  net.layer("Relu", "rectified")
  convolution("second", 16, 32)
  net.layer("Tanh", "squashed")
  net.layer("MaxPool", "pooled", attributes: ["kernel_shape": .ints([2, 2])])
  convolution("third", 32, 32)
  for (name, size) in [("scale", 1.0), ("shift", 0.1), ("mean", 0.1), ("variance", 1)] {
    net.parameter("norm.\(name)", shape: [32], values(32, size).map { abs($0) + 0.1 })
  }
  net.layer(
    "BatchNormalization", "normal",
    operands: ["norm.scale", "norm.shift", "norm.mean", "norm.variance"])
  net.layer("Add", "joined", operands: ["pooled"])
  net.layer("Relu", "cut")
  convolution("last", 32, 16)
  net.layer("Flatten", "flat")
  net.parameter("head.w", shape: [16 * 8 * 7, 4], values(16 * 8 * 7 * 4, 0.1))
  net.layer("Gemm", "head", operands: ["head.w"])
  net.loss("cross-entropy", shape: [21], (0..<21).map { Float($0 % 4) })
  return try net.run()
}

@Test func `tensors between convolutions lie in blocks`() throws {
  let run = try network()
  let plan = try Plan(run, rows: 8)
  let orders = Orders(run, plan, exposed: []).orders
  let blocks = run.graph.tensors.indices.filter { orders[$0] == .channelBlocks }
  let expected = [
    "first", "rectified", "second", "squashed", "pooled", "third", "normal", "joined", "cut",
  ]
  #expect(blocks.map { run.graph.tensors[$0] } == (TensorOrder.prefersBlocks ? expected : []))
  // What somebody else reads lies in rows, and so does whatever must lie like it.
  let pooled = try #require(run.graph.tensor(named: "pooled"))
  let exposed = Orders(run, plan, exposed: [pooled]).orders
  #expect(exposed[pooled] == .rows)
  #expect(try exposed[#require(run.graph.tensor(named: "second"))] == .rows)
}

@Test func `results are written over what nobody reads any more`() throws {
  let run = try network()
  let plan = try Plan(run, rows: 8)
  func homes(_ flow: GradientFlow?, kept: [String] = []) throws -> [String: String] {
    let kept = try kept.map { try #require(run.graph.tensor(named: $0)) }
    let orders = Orders(run, plan, exposed: kept).orders
    let homes = SharedValues(run, plan, orders, kept: kept, flow).homes
    let shared = homes.enumerated().filter { $0.offset != $0.element }
    return Dictionary(
      uniqueKeysWithValues: shared.map {
        (run.graph.tensors[$0.offset], run.graph.tensors[$0.element])
      })
  }
  // The normalization reads its input again, and the pool's output has two readers.
  let expected = [
    "rectified": "first", "squashed": "second", "joined": "normal", "cut": "normal", "flat": "last",
  ]
  #expect(try homes(GradientFlow(run)) == expected)
  let kept = try homes(GradientFlow(run), kept: ["joined", "last"])
  #expect(kept == expected.filter { $0.key != "cut" })
  // Without a way back the normalization may write over its input, too.
  let forward = try homes(nil)
  #expect(forward["normal"] == "third" && forward["cut"] == "third")
}

@Test func `the order of memory changes nothing`() throws {
  let run = try network()
  let inside = run.graph.nodes.flatMap(\.outputs)
  let blocks = try ReplayPass(run).run(workers: 1).vitals
  let rows = try ReplayPass(run, collecting: inside).run(workers: 1).vitals
  #expect(abs(blocks.loss - rows.loss) < 1e-6)
  for (a, b) in zip(blocks.parameterGradients, rows.parameterGradients) {
    guard let a, let b else { continue }
    let norm = b.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let distance = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    #expect(distance <= 1e-5 * norm)
  }
  for (a, b) in zip(blocks.activations, rows.activations) {
    guard let a, let b else { continue }
    #expect(a.count == b.count)
    #expect(zip(a.mean, b.mean).allSatisfy { abs($0 - $1) < 1e-5 })
    #expect(zip(a.maximum, b.maximum).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(zip(a.zeros, b.zeros).allSatisfy { abs($0 - $1) <= 2 })
  }
}

@Test func `vitals of blocks are those of rows`() throws {
  let (samples, channels, places) = (3, 32, 20)
  var generator = SplitMix(seed: 4)
  var rows = (0..<(samples * channels * places)).map { _ in Float(generator.uniform()) }
  rows[5] = .infinity
  let arena = try Arena(bytes: 2 * Arena.bytes(rows.count))
  let shape = try Shape([samples, channels, places])
  let (plain, blocks) = (try arena.tensor(shape), try arena.tensor(shape))
  for (i, value) in rows.enumerated() {
    plain.base[i] = value
    let (sample, channel, place) = (i / places / channels, i / places % channels, i % places)
    blocks.base[((sample * 2 + channel / 16) * places + place) * 16 + channel % 16] = value
  }
  let (one, other) = (
    UnitLayout(shape, axis: 1), UnitLayout(shape, axis: 1, order: .channelBlocks)
  )
  let flat = UnitMoments.Flat(below: -0.5, above: 0.5)
  var (a, b) = (UnitMoments(units: channels), UnitMoments(units: channels))
  a.observe(plain, one, flat, firstSample: 3)
  b.observe(blocks, other, flat, firstSample: 3)
  #expect(zip(a.mean, b.mean).allSatisfy { abs($0 - $1) < 1e-6 })
  #expect(zip(a.squares, b.squares).allSatisfy { abs($0 - $1) < 1e-5 })
  #expect(a.minimum == b.minimum && a.maximum == b.maximum)
  #expect(a.below == b.below && a.above == b.above && a.nonFinite == b.nonFinite)
  #expect(a.firstNonFinite == b.firstNonFinite)
  var (g, h) = (GradientMoments(units: channels), GradientMoments(units: channels))
  g.observe(plain, one)
  h.observe(blocks, other)
  #expect(zip(g.squares, h.squares).allSatisfy { abs($0 - $1) < 1e-5 })
  #expect(g.maximum == h.maximum && g.nonFinite == h.nonFinite)
}
