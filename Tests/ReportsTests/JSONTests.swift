import Replay
import Runs
import Support
import Testing

@testable import Diagnosis
@testable import Reports

struct JSONTests {
  /// The member of an object.
  private func member(_ value: JSONValue?, _ key: String) throws -> JSONValue {
    guard case .object(let members)? = value else { throw NotChecked("no object") }
    return try #require(members[key])
  }

  private func elements(_ value: JSONValue) throws -> [JSONValue] {
    guard case .array(let elements) = value else { throw NotChecked("no list") }
    return elements
  }

  @Test func `a report has the keys of its page`() throws {
    let finding = Finding(
      FirstFault.self, .error, at: Place(.parameter, "out.weight", units: [2]), "Bad.",
      evidence: [Measure("ratio", .infinity, unit: "times", threshold: 10), Measure("n", 3)])
    let text = JSONReport.render(
      try report([finding], notChecked: [.init(rule: "second-fault", reason: "no history")]))
    let document = try JSONValue(parsing: text)
    #expect(try member(document, "format") == "defib-report")
    #expect(try member(document, "version") == .int(1))
    #expect(try member(document, "healthy") == .bool(false))
    #expect(try member(document, "causes") == ["first-fault:out.weight"])
    #expect(
      try member(document, "not_checked")
        == [.object(["rule": "second-fault", "reason": "no history"])])
    let first = try #require(try elements(member(document, "findings")).first)
    #expect(
      try member(first, "place")
        == .object([
          "kind": "parameter", "name": "out.weight", "layer": "out", "units": [2],
          "columns": .array([]),
          "source": .null,
        ]))
    #expect(
      try elements(member(first, "evidence"))[0]
        == .object(["name": "ratio", "value": "inf", "unit": "times", "threshold": 10]))
    #expect(try member(elements(member(first, "evidence"))[1], "threshold") == .null)
    for key in ["id", "rule", "title", "severity", "message", "caused_by", "remedy"] {
      _ = try member(first, key)
    }
    #expect(try member(member(document, "run"), "samples") == .int(64))
  }

  @Test func `the same run gives the same bytes, whatever the workers`() throws {
    // 20 batches and more, in several lanes.
    let run = try RunFixture.dead(samples: 8192, units: 20).run()
    var first: [Substring] = []
    for workers in [1, 1, 2, 3, 7] {
      var options = Check.Options()
      options.workers = workers
      let lines = JSONReport.render(try Check(options).run(run)).split(separator: "\n")
      if first.isEmpty { first = lines }
      #expect(lines.count == first.count)
      for (line, expected) in zip(lines, first) where line != expected {
        Issue.record("\(workers) workers: \(line), expected \(expected)")
      }
    }
  }

  @Test func `vitals`() throws {
    let run = try RunFixture.dead(units: 3).run()
    let text = VitalsJSON(
      run, try ReplayPass(run).run(), data: try DataPass(run.data).run(),
      weights: try Weights(run), seconds: 0.5
    ).text
    let document = try JSONValue(parsing: text)
    #expect(try member(document, "format") == "defib-vitals")
    #expect(try member(document, "seconds") == .number(0.5))
    let layers = try elements(member(document, "layers"))
    #expect(try layers.map { try member($0, "name") } == ["x", "hidden", "relu", "out"])
    #expect(try member(layers[0], "node") == .null)
    #expect(try member(layers[0], "backward") == .null)
    #expect(try member(layers[2], "op") == "Relu")
    #expect(try member(layers[2], "units") == .int(3))
    #expect(try member(layers[2], "shape") == [3])
    #expect(try member(member(layers[2], "forward"), "zeros") == [64, 64, 64])
    #expect(try member(member(layers[1], "backward"), "max_abs") == [0, 0, 0])
    let parameters = try elements(member(document, "parameters"))
    #expect(try member(parameters[0], "name") == "hidden.weight")
    #expect(try member(member(parameters[0], "gradient"), "zeros") == .int(6))
    #expect(try elements(member(document, "data")).count == 2)
    #expect(try member(elements(member(document, "losses"))[0], "kind") == "mse")
  }

  @Test func `figures of parameters`() throws {
    let values: [Float] = [3, -4]
    let figures = values.withUnsafeBufferPointer(ParameterFigures.init)
    #expect(figures.norm == 5 && figures.mean == -0.5 && figures.deviation == 3.5)
    #expect(figures.minimum == -4 && figures.maximum == 3)
    let broken = [Float.nan, 1].withUnsafeBufferPointer(ParameterFigures.init)
    #expect(broken.mean.isNaN && broken.minimum.isNaN && broken.maximum.isNaN)
    let none = [Float]().withUnsafeBufferPointer(ParameterFigures.init)
    #expect(none.norm == 0 && none.minimum.isNaN)
  }

  @Test func `the catalogue has every rule, operator and loss`() throws {
    let document = try JSONValue(parsing: CatalogueJSON.text)
    #expect(try elements(member(document, "rules")).count == RuleRegistry.all.count)
    #expect(try !elements(member(document, "operators")).isEmpty)
    #expect(try !elements(member(document, "losses")).isEmpty)
    let rule = try JSONValue(parsing: CatalogueJSON.text(of: FirstFault.info))
    let outcomes = try elements(member(rule, "examples")).map { try member($0, "outcome") }
    #expect(outcomes == ["fires", "silent", "cannot-tell"])
  }

  @Test func `the page of a rule`() {
    #expect(
      CatalogueText().page(FirstFault.info) == """
        The first fault [first-fault] error

        It is there.

        Proof: it is measured on all samples of the run.

        Why it matters
           One paragraph in two lines.

           - a list

               code  stays

        Remedy
           Take it away.

        Thresholds
           share 0.25 (of all): beyond it there is a fault
           Set one with --set first-fault.share=NUMBER.

        Examples
           fires at x[0]: it is there
           silent: it is not
           cannot tell: nobody knows

        Source
           A book

        """)
    #expect(
      CatalogueText().list([SecondFault.info]).hasPrefix(
        "second-fault warning (heuristic)\n   It follows.\n\n1 rule. "))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
