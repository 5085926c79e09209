import Testing

/// Rules for the text of the sources that neither the compiler nor the linter knows.
struct SourceTests {
  /// Full Foundation brings 60 MB of ICU into the library.
  @Test func `Foundation stays out of the sources`() throws {
    try expectNoLine(in: "Sources") { line in
      guard let module = Import.module(in: line) else { return false }
      return module.hasPrefix("Foundation") && module != "FoundationEssentials"
    }
  }

  /// A trap in the library ends the user's Python.
  @Test(arguments: [
    "fatalError(", "preconditionFailure(", "try!", "as!", "unsafelyUnwrapped",
  ])
  func `nothing in the sources traps on purpose`(trap: String) throws {
    try expectNoLine(in: "Sources") { line in
      code(of: line).contains(trap)
    }
  }

  /// Whoever clones this repository has it elsewhere.
  @Test func `no file names a folder of one machine`() throws {
    // In two halves, or this file would find itself.
    let folders = ["work", "root", "home", "Users", "opt", "mnt"].map { "/" + $0 + "/" }
    try expectNoLine(in: ".") { line in
      folders.contains { folder in
        line.ranges(of: folder).contains { range in
          range.lowerBound == line.startIndex
            || !isPartOfPath(line[line.index(before: range.lowerBound)])
        }
      }
    }
  }

  /// One style for the names of tests: a sentence that says what holds. Python's are sentences too,
  /// after `test_`.
  @Test func `every test is named by a sentence`() throws {
    for path in try Repository.trackedFiles(in: "Tests") where path.hasSuffix("Tests.swift") {
      var isTest = false
      for (number, line) in (try Repository.lines(of: path) ?? []).enumerated() {
        isTest = isTest || line.drop { $0.isWhitespace }.hasPrefix("@Test")
        guard isTest, let name = line.firstRange(of: "func ") else { continue }
        #expect(line[name.upperBound...].hasPrefix("`"), "\(path):\(number + 1): \(line)")
        isTest = false
      }
    }
  }

  @Test(arguments: [
    ("import Foundation", "Foundation"),
    ("@preconcurrency import struct Foundation.Data", "Foundation"),
    ("public import FoundationEssentials", "FoundationEssentials"),
    ("// import Foundation", nil),
    ("let import_ = 1", nil),
  ])
  func `imports are recognised`(line: String, module: String?) {
    #expect(Import.module(in: line[...]) == module)
  }

  private func expectNoLine(
    in folder: String, _ isBad: (Substring) -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for path in try Repository.trackedFiles(in: folder) {
      for (number, line) in (try Repository.lines(of: path) ?? []).enumerated() where isBad(line) {
        Issue.record("\(path):\(number + 1): \(line)", sourceLocation: sourceLocation)
      }
    }
  }

  /// A line without its comment.
  private func code(of line: Substring) -> Substring {
    line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
  }

  private func isPartOfPath(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "._-~/*}$".contains(character)
  }
}
