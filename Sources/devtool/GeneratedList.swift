/// A registry's list of all types that conform to a protocol, found in the source files.
struct GeneratedList {
  /// The enum that holds the list.
  let registry: String
  /// The protocol; protocols of the folder that refine it count as well.
  let conformance: String
  /// The folder that is searched.
  let folder: String
  /// The file that is written.
  let path: String
  /// What the list holds, for its doc comment.
  let noun: String

  static let all = [
    GeneratedList(
      registry: "OperatorRegistry", conformance: "Operator", folder: "Sources/Operators",
      path: "Sources/Operators/Contract/OperatorRegistry+All.swift", noun: "operators"),
    GeneratedList(
      registry: "LossRegistry", conformance: "Loss", folder: "Sources/Operators/Losses",
      path: "Sources/Operators/Losses/LossRegistry+All.swift", noun: "losses"),
    GeneratedList(
      registry: "OptimizerRegistry", conformance: "Optimizer",
      folder: "Sources/Operators/Optimizers",
      path: "Sources/Operators/Optimizers/OptimizerRegistry+All.swift", noun: "optimizers"),
    GeneratedList(
      registry: "RuleRegistry", conformance: "Rule", folder: "Sources/Diagnosis/Rules",
      path: "Sources/Diagnosis/Rules/RuleRegistry+All.swift", noun: "rules"),
  ]

  func text(in repository: Repository) throws -> String {
    let names = try types(in: repository).map { "    \($0).self,\n" }.joined()
    return """
      // Written by `devtool register` from \(folder); do not edit.

      extension \(registry) {
        /// All \(noun).
        public static let all: [any \(conformance).Type] = [
      \(names)  ]
      }

      """
  }

  /// The names of the types, sorted.
  func types(in repository: Repository) throws -> [String] {
    var declarations: [Declaration] = []
    for path in try repository.swiftFiles(below: folder) {
      declarations += Declaration.all(in: repository.read(path) ?? "")
    }
    var protocols: Set = [conformance]
    var known = 0
    while known < protocols.count {
      known = protocols.count
      for declaration in declarations
      where declaration.isProtocol && !protocols.isDisjoint(with: declaration.conformances) {
        protocols.insert(declaration.name)
      }
    }
    return declarations.filter {
      !$0.isProtocol && !protocols.isDisjoint(with: $0.conformances)
    }.map(\.name).sorted()
  }
}

/// The head of a type at the start of a line: `struct Relu: Elementwise {`.
struct Declaration {
  let isProtocol: Bool
  let name: String
  let conformances: Set<String>

  static func all(in source: String) -> [Declaration] {
    let head =
      /^(?:public |package |final |private )*(struct|enum|class|protocol) (\w+):([^{]*)\{/
      .anchorsMatchLineEndings()
    return source.matches(of: head).map { match in
      let conformances = match.3.split(whereSeparator: { !$0.isLetter && !$0.isNumber })
      return Declaration(
        isProtocol: match.1 == "protocol", name: String(match.2),
        conformances: Set(conformances.map(String.init)))
    }
  }
}
