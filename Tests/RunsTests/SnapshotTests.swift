import Npy
import Support
import Testing

@testable import Replay
@testable import Runs

/// The weights along the way are read from a folder and from memory, and what does not fit is named.
@Suite struct SnapshotTests {
  private func network(_ add: (inout RunBuilder) -> Void) -> RunBuilder {
    var net = RunBuilder()
    net.input([[1], [2], [3], [4]])
    net.dense("fc", [[3]], bias: [0.5], initial: [[1]], initialBias: [0])
    net.parameter("scale", shape: [1], [2], trainable: false)
    net.layer("Mul", operands: ["scale"])
    net.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    net.training = ["batch_size": .int(2), "epochs": .int(10)]
    add(&net)
    return net
  }

  private let sound: (inout RunBuilder) -> Void = { net in
    net.snapshot(step: 4, ["fc.weight": [2], "fc.bias": [0.25]])
    net.snapshot(step: 9, ["fc.weight": [2.5], "fc.bias": [0.4], "scale": [1.5]])
  }

  private func message(_ add: (inout RunBuilder) -> Void) -> String {
    do {
      _ = try network(add).run()
      return "nothing wrong"
    } catch { return "\(error)" }
  }

  private func value(_ run: Run, _ name: String) throws -> [Double] {
    try #require(run.graph.parameters.first { $0.name == name }).array.doubles()
  }

  @Test func `a run on disk and one in memory have the same`() throws {
    let folder = TemporaryFolder()
    let net = network(sound)
    for run in [try net.run(), try Run.open(folder: try folder.write(net))] {
      #expect(run.snapshots.map(\.step) == [4, 9])
      #expect(try run.snapshots[1].arrays["fc.bias"]?.floats() == [0.4])
      let early = run.at(run.snapshots[0])
      #expect(try value(early, "fc.weight") == [2])
      #expect(try value(early, "scale") == [2])
      #expect(try value(run.at(run.snapshots[1]), "scale") == [1.5])
      #expect(try early.graph.parameters[0].initial?.doubles() == [1])
    }
  }

  @Test func `a snapshot replays as a run with its weights does`() throws {
    let run = try network(sound).run()
    var then = RunBuilder()
    then.input([[1], [2], [3], [4]])
    then.dense("fc", [[2]], bias: [0.25])
    then.parameter("scale", shape: [1], [2], trainable: false)
    then.layer("Mul", operands: ["scale"])
    then.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    then.training = ["batch_size": .int(2)]
    let replayed = try ReplayPass(run.at(run.snapshots[0])).run()
    let expected = try ReplayPass(then.run()).run()
    #expect(replayed.vitals.loss == expected.vitals.loss)
    #expect(try ReplayPass(run).run().vitals.loss != expected.vitals.loss)
  }

  @Test func `parts of a run keep its snapshots`() throws {
    let run = try network(sound).run()
    #expect(run.without(losses: [0]).snapshots.count == 2)
    #expect(try run.subsample(2).snapshots.count == 2)
    #expect(run.squeezing(["y": [4]]).snapshots.count == 2)
  }

  @Test func `epochs are counted from one`() throws {
    let run = try network(sound).run()
    #expect(run.updatesPerEpoch == 2)
    #expect([0, 1, 2, 3, 4, 5].map(run.epoch(after:)) == [nil, 1, 1, 2, 2, 3])
    let untold = try network { $0.training = [:] }.run()
    #expect(untold.epoch(after: 3) == nil)
  }

  @Test func `what does not fit is named`() {
    #expect(message(sound) == "nothing wrong")
    #expect(
      message { $0.snapshot(step: 4, ["fc.weight": [2]]) }
        == "run.json: snapshots[0].parameters.fc.bias is nothing: expected the file of that "
        + "parameter, which is trainable")
    #expect(
      message {
        $0.snapshot(step: 4, ["fc.weight": [2], "fc.bias": [1]])
        $0.snapshot(step: 4, ["fc.weight": [2], "fc.bias": [1]])
      } == "run.json: snapshots[1].step is 4 after 4: expected steps that rise")
    #expect(
      message { $0.snapshot(step: 4, ["fc.weight": [2], "fc.bias": [1], "fc.wieght": [1]]) }
        == "run.json: snapshots[0].parameters.fc.wieght is no parameter of the graph: expected "
        + "the name of one")
    #expect(
      message { $0.snapshot(step: -1, ["fc.weight": [2], "fc.bias": [1]]) }
        == "run.json: snapshots[0].step is -1: expected a whole number ≥ 0")
    #expect(
      message { net in
        for step in 1...65 { net.snapshot(step: step, ["fc.weight": [2], "fc.bias": [1]]) }
      } == "run.json: snapshots is a list of 65: expected at most 64: leave some of them out")
  }

  @Test func `shapes and entries are those of the format`() throws {
    let net = network(sound)
    var arrays = try net.views()
    arrays["snapshots/4/fc.weight.npy"] = try FloatBlock([1, 2]).array([2, 1], name: "odd.npy")
    #expect(
      throws: RunError.array(
        "odd.npy", found: "shape [2, 1]",
        expected: "[1, 1], as of parameter \"fc.weight\" after the training")
    ) { try Run.open(json: net.document.text(), arrays: arrays) }
    arrays["snapshots/4/fc.weight.npy"] = nil
    #expect(throws: RunError.self) { try Run.open(json: net.document.text(), arrays: arrays) }
    for (text, part) in [
      ("3", "snapshots is 3: expected a list"),
      ("[3]", "snapshots[0] is 3: expected an object"),
      ("[{}]", "snapshots[0].step is nothing"),
      (#"[{"step": 1, "weights": {}}]"#, "unknown key \"snapshots[0].weights\""),
      (#"[{"step": 1, "parameters": []}]"#, "snapshots[0].parameters is a list of 0"),
      (
        #"[{"step": 1, "parameters": {"fc.weight": "../w.npy", "fc.bias": "../w.npy"}}]"#,
        "names \"../w.npy\", and no array"
      ),
    ] {
      guard case .object(var members) = net.document else { continue }
      members["snapshots"] = try JSONValue(parsing: text)
      do {
        _ = try Run.open(json: JSONValue.object(members).text(), arrays: net.views())
        Issue.record("\(text) was read")
      } catch { #expect("\(error)".contains(part), "\(error)") }
    }
  }
}
