import Testing

@testable import Diagnosis
@testable import Reports

struct FindingTreeTests {
  /// Each finding once, however they are linked.
  private func names(_ branches: [FindingTree.Branch]) -> [String] {
    branches.flatMap { [$0.finding.place.name] + names($0.branches) }
  }

  private func depth(_ branches: [FindingTree.Branch]) -> Int {
    branches.map { 1 + depth($0.branches) }.max() ?? 0
  }

  private func finding(_ name: Int, following origins: [Int] = []) -> Finding {
    var finding = Finding(FirstFault.self, .error, at: Place(.layer, "\(name)"), "Here.")
    finding.causedBy = origins.map { "first-fault:\($0)" }
    return finding
  }

  @Test func `a chain is taken link by link, whatever the order of its findings`() throws {
    for order in [[0, 1, 2, 3], [3, 1, 2, 0], [3, 2, 1, 0]] {
      // Each follows from all before it.
      let tree = FindingTree(
        try report(order.map { finding($0, following: Array(0..<$0)) }))
      #expect(names(tree.causes) == ["0", "1", "2", "3"] && depth(tree.causes) == 4)
      #expect(tree.rest.isEmpty)
    }
  }

  @Test func `what goes in a circle is shown once`() throws {
    let tree = FindingTree(
      try report([
        finding(0, following: [2]), finding(1, following: [0]), finding(2, following: [1]),
      ]))
    #expect(tree.causes.isEmpty)
    #expect(names(tree.rest) == ["0", "1", "2"])
  }

  @Test func `a chain longer than any of Defib's ends beside the tree`() throws {
    let findings = (0..<10_000).map { finding($0, following: $0 == 0 ? [] : [$0 - 1]) }
    let tree = FindingTree(try report(findings))
    #expect(names(tree.causes + tree.rest) == (0..<10_000).map(String.init))
    #expect(depth(tree.causes + tree.rest) == 64)
  }
}
