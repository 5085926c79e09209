import Replay
import Runs
import Testing

@testable import Diagnosis

/// One worked example of one rule, named so that a failure points at it.
struct Case: CustomTestStringConvertible, Sendable {
  let rule: any Rule.Type
  let example: Example

  var testDescription: String { "\(rule.info.id): \(example.title)" }

  static let all = RuleRegistry.all.flatMap { rule in
    rule.info.examples.map { Case(rule: rule, example: $0) }
  }
}

extension Example {
  func exam() throws -> Examination {
    var net = RunBuilder()
    build(&net)
    return try Check().examine(try net.run(), Progress())
  }
}

@Test(arguments: Case.all)
func `example does what it says`(_ item: Case) throws {
  let exam = try item.example.exam()
  let here = Comment("\(item.example.file):\(item.example.line)")
  let rule = item.rule.init()
  switch item.example.expectation {
  case .fires(let places):
    #expect(try rule.check(exam).flatMap(\.places).map(\.description) == places, here)
  case .silent:
    #expect(try rule.check(exam).map(\.place.description) == [], here)
  case .cannotTell:
    #expect(throws: NotChecked.self, here) { try rule.check(exam) }
  }
}

@Test(arguments: RuleRegistry.all.map { $0.info.id.rawValue })
func `rule has examples of every kind`(_ id: String) throws {
  let info = try #require(RuleRegistry.rule(id)?.info)
  #expect(info.examples.contains { if case .fires = $0.expectation { true } else { false } })
  #expect(info.examples.contains { $0.expectation == .silent })
}
