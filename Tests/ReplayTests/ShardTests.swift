import Glibc
import Npy
import Support
import Testing

@testable import Replay
@testable import Runs

/// A classifier with everything that passes tell apart: weights before the training, validation data,
/// class weights, weighted rows, a few outliers and a target that the second loss refuses.
private func everything(rows: Int, refused: Bool = false) -> RunBuilder {
  var random = SeededGenerator(seed: 4)
  var net = RunBuilder()
  func features(_ count: Int) -> [Float] {
    (0..<(3 * count)).map { $0 % 701 == 0 ? 90 : random.signed() }
  }
  func labels(_ x: [Float]) -> [Float] {
    (0..<(x.count / 3)).map { x[3 * $0] + x[3 * $0 + 1] > 0 ? 1 : 0 }
  }
  let x = features(rows)
  net.input(shape: [rows, 3], x)
  net.dense(
    "hidden", [[1, 0, 0.5], [0, 1, -0.5], [-9, -9, -9]], bias: [0, 0, -300],
    initial: [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0, 0.1, 0]], initialBias: [0, 0, 0])
  net.layer("Relu", "relu")
  net.dense("head", [[1, -1, 0.5], [-1, 1, 0.5]], bias: [0.1, -0.1])
  net.rows("importance", shape: [rows], (0..<rows).map { 1 + Float($0 % 3) })
  net.loss(
    "cross-entropy", target: "y", shape: [rows], labels(x),
    settings: ["sample_weight": .string("importance"), "reduction": .string("weighted-mean")])
  if refused {
    net.loss(
      "cross-entropy", target: "z", shape: [rows], (0..<rows).map { $0 % 400 == 7 ? 5 : 1 })
  }
  let held = features(60)
  net.validation("x", shape: [60, 3], held)
  net.validation("y", shape: [60], labels(held))
  net.validation("importance", shape: [60], [Float](repeating: 1, count: 60))
  if refused { net.validation("z", shape: [60], [Float](repeating: 1, count: 60)) }
  net.training = [
    "batch_size": .int(48), "epochs": .int(3),
    "optimizer": .object(["kind": .string("sgd"), "learning_rate": .number(0.1)]),
  ]
  return net
}

/// What every pass over the data gives, in words. The probes of a whole check would take minutes in a
/// debug build; the Python tests compare whole reports.
private func passes(_ run: Run, _ executor: (any LaneExecutor)? = nil) throws -> [String] {
  let data = try DataPass(run).run(executor: executor)
  let refused = try RefusedTargets.find(in: run, data, executor: executor)
  let rest = run.without(losses: Set(refused.map(\.index)))
  let held = try #require(rest.onValidation)
  let x = try #require(data.arrays["x"])
  let duplicates = try #require(try Duplicates(rest, executor: executor))
  return try data.arrays.keys.sorted().map { name in
    let array = try #require(data.arrays[name])
    let labels = array.labels?.sorted { $0.key < $1.key }
    return "\(array.columns) \(array.digest) \(array.smallestSample) \(labels ?? [])"
  } + [
    "\(refused.map { "\($0.index) \($0.count) \($0.first) \($0.expected)" })",
    "\(try ReplayPass(rest).run(executor: executor).vitals)",
    "\(try ReplayPass(rest, at: .initial).run(executor: executor).vitals)",
    "\(try ReplayPass(held, backward: false).run(executor: executor).vitals)",
    "\(try DataPass(rest, validation: true).run(executor: executor).arrays["x"]?.columns as Any)",
    "\(try #require(CorrelationPass(rest, x)).run(executor: executor))",
    "\(try #require(try Outliers(rest, "x", executor: executor)))",
    "\(duplicates.distinctRows) \(duplicates.groups)",
  ]
}

@Test func `an executor does not change any pass`() throws {
  let run = try everything(rows: 9000, refused: true).run()
  let other = Loopback { try everything(rows: 9000, refused: true).run() }
  #expect(try passes(run, other) == passes(run))
}

/// An executor whose workers have no rows but those that a lane is said to read.
private struct Windowed: LaneExecutor {
  let json: String
  let arrays: [String: NpyArray]

  init(_ net: RunBuilder) throws {
    json = net.document.text()
    var arrays: [String: NpyArray] = [:]
    for (path, values) in net.arrays {
      arrays[path] = try FloatBlock(values.memory).array(values.shape, name: path)
    }
    self.arrays = arrays
  }

  func map(_ shards: Shards) throws(RunError) {
    for (lane, rows) in shards.rows.enumerated() {
      var here = arrays
      for (path, array) in arrays where path.hasPrefix("data/") || path.hasPrefix("validation/") {
        let part = try array.selecting(shards.files.contains(path) ? Array(rows) : [])
        let start = shards.files.contains(path) ? rows.lowerBound : 0
        do throws(NpyError) {
          here[path] = try NpyArray(windows: [(start, part)], rows: array.rows, name: path)
        } catch { throw .npy(error) }
      }
      let run = try Run.open(json: json, arrays: here)
      try shards.deliver(try ShardRunner.run(run, pass: shards.pass, lanes: lane..<(lane + 1)))
    }
  }
}

@Test func `a lane needs no rows but those it names`() throws {
  let net = everything(rows: 9000, refused: true)
  let run = try net.run()
  #expect(try passes(run, try Windowed(net)) == passes(run))
}

/// Puts shards of some sizes in the place of an array.
private func shard(_ path: String, _ sizes: [Int]) throws {
  let array = try NpyArray(path: path)
  var start = 0
  #expect(unlink(path) == 0)
  #expect(mkdir(path, 0o777) == 0)
  for (index, size) in sizes.enumerated() {
    let rows = start..<(start + size)
    // Numbers with a gap.
    try NpyWriter.write(
      try array.floats(rows: rows), shape: [size] + array.shape.dropFirst(),
      to: "\(path)/part-000\(2 * index).npy")
    start += size
  }
}

@Test func `shards do not change any pass`() throws {
  let folder = TemporaryFolder()
  let net = everything(rows: 3000)
  let whole = try passes(try Run.open(folder: try folder.write(net, to: "whole")))
  let path = try folder.write(net, to: "sharded")
  try shard("\(path)/data/x.npy", [700, 1, 0, 2000, 299])
  try shard("\(path)/data/y.npy", [1500, 1500])
  try shard("\(path)/validation/x.npy", [60])
  let run = try Run.open(folder: path)
  #expect(try passes(run) == whole)
  #expect(try passes(run, Loopback { try Run.open(folder: path) }) == whole)
}

@Test func `a shard unlike the others is named`() throws {
  let folder = TemporaryFolder()
  let path = try folder.write(everything(rows: 100), to: "run")
  try shard("\(path)/data/x.npy", [60, 40])
  let odd = "\(path)/data/x.npy/part-0009.npy"
  try NpyWriter.write([Float](repeating: 0, count: 8), shape: [2, 4], to: odd)
  #expect(
    throws: RunError.npy(
      .badShard(
        file: odd, found: "float32 (2, 4)",
        expected: "float32 rows of shape (3,), as in \(path)/data/x.npy/part-0000.npy"))
  ) { try Run.open(folder: path) }
  #expect(unlink(odd) == 0)
  #expect(try Run.open(folder: path).samples == 100)
  for index in [0, 2] { #expect(unlink("\(path)/data/x.npy/part-000\(index).npy") == 0) }
  #expect(
    throws: RunError.npy(
      .badShard(
        file: "\(path)/data/x.npy", found: "no .npy file in the folder", expected: "its shards"))
  ) { try Run.open(folder: path) }
}

/// An executor that holds every delivery against damaged copies of it first.
private struct Vandal: LaneExecutor {
  let run: Run

  func map(_ shards: Shards) throws(RunError) {
    for lane in shards.rows.indices {
      let bytes = try ShardRunner.run(run, pass: shards.pass, lanes: lane..<(lane + 1))
      for at in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
        var changed = bytes
        changed[at] ^= 0x41
        #expect(throws: RunError.self) { try shards.deliver(changed) }
        #expect(throws: RunError.self) { try shards.deliver(Array(bytes[..<at])) }
        var pass = shards.pass
        pass[at % pass.count] ^= 0x41
        #expect(throws: RunError.self) {
          try ShardRunner.run(run, pass: pass, lanes: 0..<1)
        }
      }
      for lanes in [-1..<0, 0..<5000] {
        #expect(throws: RunError.self) {
          try ShardRunner.run(run, pass: shards.pass, lanes: lanes)
        }
      }
      try shards.deliver(bytes)
    }
  }
}

@Test func `damaged bytes are found out`() throws {
  let run = try everything(rows: 120, refused: true).run()
  #expect(try passes(run, Vandal(run: run)) == passes(run))
}

@Test func `a lane that never arrives is an error`() throws {
  struct Idle: LaneExecutor {
    func map(_ shards: Shards) {}
  }
  let run = try everything(rows: 120).run()
  #expect(throws: RunError.self) { try passes(run, Idle()) }
}

@Test func `a pass of another run is refused`() throws {
  let run = try everything(rows: 120).run()
  #expect(throws: RunError.self) {
    try passes(run, Loopback { try everything(rows: 121).run() })
  }
}
