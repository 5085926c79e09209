import Operators
import Testing

/// Operators state facts and the diagnosis asks for them, so that a new operator is one new file.
struct OperatorNameTests {
  /// Worked examples of rules build networks of operators, and stand in extensions of their own.
  @Test func `the diagnosis knows no operator by its name`() throws {
    let names = Set(OperatorRegistry.all.map { $0.info.name })
    for path in try Repository.trackedFiles(in: "Sources/Diagnosis") {
      let lines = try Repository.lines(of: path) ?? []
      for line in Self.named(names, in: lines) {
        Issue.record("\(path):\(line): \(lines[line - 1])")
      }
    }
  }

  @Test func `a name is found outside of examples`() {
    let source = """
      // "Relu" in a comment
      let flat = ["Relu", "Relu6"]
      extension Rule {
        static let examples: [Example] = [.silent("") { $0.layer("Relu") }]
      }
      guard node.op == "Relu" else { return }
      if node.op.hasSuffix("Normalization") { return }
      """
    let lines = source.split(separator: "\n")
    #expect(Self.named(["Relu"], in: lines) == [2, 6, 7])
  }

  /// The numbers of lines that hold one of some names as a string, or look at a part of a name, from 1
  /// on. A declaration of the file that holds examples may.
  private static func named(_ names: Set<String>, in lines: [Substring]) -> [Int] {
    var found: [Int] = []
    var block: [Int] = []
    var isExample = false
    for (index, line) in lines.enumerated() {
      if line.first?.isLetter == true {
        if !isExample { found += block }
        (block, isExample) = ([], false)
      }
      isExample = isExample || line.contains("[Example]")
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
      let isNamed = code.matches(of: /"(\w+)"/).contains { names.contains(String($0.1)) }
      if isNamed || code.contains(".op.has") { block.append(index + 1) }
    }
    return isExample ? found : found + block
  }
}
