import Replay
import Runs
import Testing

@testable import Diagnosis

/// What a remedy says instead of what to do.
private let evasions = [
  "causes of this report", "findings that explain", "explain this one", "this report",
  "see the finding", "see the other", "look at the cause", "look at why", "add up to",
]

private func evasion(in remedy: String) -> String? {
  evasions.first { remedy.lowercased().contains($0) }
}

@Test(arguments: RuleRegistry.all.map { $0.info.id.rawValue })
func `remedy says what to do`(_ id: String) throws {
  let info = try #require(RuleRegistry.rule(id)?.info)
  #expect(!info.remedy.isEmpty)
  #expect(evasion(in: info.remedy) == nil, "\(info.remedy)")
}

@Test(arguments: Case.all)
func `remedy of a finding says what to do`(_ item: Case) throws {
  guard case .fires = item.example.expectation else { return }
  var net = RunBuilder()
  item.example.build(&net)
  for finding in try Check().run(try net.run()).findings {
    #expect(!finding.remedy.isEmpty)
    #expect(evasion(in: finding.remedy) == nil, "\(finding.rule): \(finding.remedy)")
  }
}
