import Npy
import Testing

@testable import Diagnosis
@testable import Replay
@testable import Runs

/// The columns of every table of a run have names, in runs that otherwise are the examples of the rules.
struct ColumnNameTests {
  private static let firing = Case.all.filter { item in
    if case .fires = item.example.expectation { true } else { false }
  }

  /// Example and names: the same run, whose tables have a name for each column.
  private static func named(_ net: RunBuilder) throws -> (run: Run, names: [String: [String]]) {
    var names: [String: [String]] = [:]
    for (name, array) in try net.run().data where array.shape.count <= 2 {
      names[name] = (0..<array.rowLength).map { "the \(name) of \($0)" }
    }
    return (try run(net, columns: .object(names.mapValues { .strings($0) })), names)
  }

  private static func run(_ net: RunBuilder, columns: JSONValue) throws -> Run {
    guard case .object(var document) = net.document, case .object(var graph)? = document["graph"]
    else { throw CancellationError() }
    graph["columns"] = columns
    document["graph"] = .object(graph)
    let arrays = try net.arrays.map { path, values in
      (path, try FloatBlock(values.memory).array(values.shape, name: path))
    }
    return try Run.open(
      json: JSONValue.object(document).text(),
      arrays: Dictionary(uniqueKeysWithValues: arrays))
  }

  @Test(arguments: firing)
  private func `a rule speaks of columns by their names, and finds the same`(_ item: Case) throws {
    var net = RunBuilder()
    item.example.build(&net)
    let here = Comment("\(item.example.file):\(item.example.line)")
    let plain = try item.rule.init().check(try Check().examine(try net.run(), Progress()))
    let (run, names) = try Self.named(net)
    let told = try item.rule.init().check(try Check().examine(run, Progress()))
    #expect(told.map(\.place.name) == plain.map(\.place.name), here)
    #expect(told.map(\.severity) == plain.map(\.severity), here)
    for (found, before) in zip(told, plain) {
      #expect(found.place.units == before.place.units, here)
      #expect(before.place.columns == [], here)
      let text = found.message + " " + found.remedy
      if names[found.place.name] != nil {
        #expect(!text.contains(/[Cc]olumns? \(?[0-9]|\{[0-9]/), here)
      }
      guard [.input, .target].contains(found.place.kind), !found.place.columns.isEmpty else {
        continue
      }
      #expect(found.place.columns == found.place.units.map { names[found.place.name]?[$0] }, here)
      for measure in found.evidence where measure.name == "columns" {
        #expect(measure.value == .strings(found.place.columns), here)
      }
    }
  }

  /// Rules whose places are columns of a table.
  @Test(arguments: [
    "constant-feature", "dominant-feature", "duplicate-features", "feature-outliers",
    "ignored-feature", "unscaled-features", "train-validation-skew", "constant-target",
    "correlated-targets", "unlearned-output", "non-finite",
  ])
  func `places at columns have names`(_ id: String) throws {
    var seen = 0
    for item in Self.firing where item.rule.info.id.rawValue == id {
      var net = RunBuilder()
      item.example.build(&net)
      let (run, names) = try Self.named(net)
      let found = try item.rule.init().check(try Check().examine(run, Progress()))
      for place in found.map(\.place) where names[place.name] != nil && !place.units.isEmpty {
        seen += 1
        #expect(place.columns.count == place.units.count, "\(item.example.title)")
      }
    }
    #expect(seen > 0)
  }

  @Test func `a label is no column`() throws {
    for item in Self.firing where item.rule.info.id == .classImbalance {
      var net = RunBuilder()
      item.example.build(&net)
      let (run, names) = try Self.named(net)
      for finding in try item.rule.init().check(try Check().examine(run, Progress())) {
        #expect(finding.place.columns.isEmpty || (names[finding.place.name]?.count ?? 0) > 1)
      }
    }
  }

  @Test(arguments: [
    (#"{"x": ["a"]}"#, #"graph.columns.x is 1 name: expected 2, one for each column of x"#),
    (#"{"x": ["a", "b", "c"]}"#, "graph.columns.x is 3 names: expected 2, one for each"),
    (#"{"z": ["a"]}"#, "graph.columns.z is nothing of that name in data: expected an input"),
    (#"{"x": ["a", 1]}"#, "graph.columns.x[1] is 1: expected a text"),
    (#"{"x": "ab"}"#, "graph.columns.x is \"ab\": expected a list"),
    (#"["a"]"#, "graph.columns is a list of 1: expected an object of lists of texts"),
  ])
  func `names that fit no array are an error`(columns: String, message: String) throws {
    var net = RunBuilder()
    net.input([[1, 2], [3, 4], [5, 7]])
    net.dense("fc", [[0.5, 1]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    do {
      _ = try Self.run(net, columns: JSONValue(parsing: columns))
      Issue.record("nothing wrong")
    } catch { #expect("\(error)".contains(message), "\(error)") }
    let sound = try Self.run(net, columns: JSONValue(parsing: #"{"x": ["a", "a"], "y": [""]}"#))
    #expect(sound.graph.columns == ["x": ["a", "a"], "y": [""]])
    #expect(try sound.evaluating().graph.columns == sound.graph.columns)
    #expect(sound.withBoundedStates.graph.columns == sound.graph.columns)
  }

  @Test func `a picture's label is the name`() throws {
    var net = RunBuilder()
    net.input([[1, 2], [3, 4], [5, 7]])
    net.dense("fc", [[0.5, 1]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    let long = String(repeating: "n", count: 500)
    let run = try Self.run(net, columns: .object(["x": .strings(["age", long])]))
    let exam = try Check().examine(run, Progress())
    #expect(exam.label(0, of: 2, in: "x") == "age")
    #expect(exam.label(1, of: 2, in: "x").count == 61)
    #expect(exam.label(0, of: 1, in: "y") == "y")
    #expect(exam.label(1, of: 2, in: "y") == "y[1]")
  }
}
