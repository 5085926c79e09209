import Foundation
import Testing

/// Holds the modules against the table of docs/architecture.md.
struct ModuleTests {
  /// What each module depends on. The tool that maintains this repository is not shipped, so it may
  /// use whatever it likes.
  static let table: [String: Set<String>] = [
    "CDNNL": [],
    "CZlib": [],
    "CEngine": [],
    "CArguments": [],
    "Npy": ["CZlib"],
    "Tensors": ["CDNNL"],
    "Operators": ["Tensors"],
    "Runs": ["Npy", "Operators"],
    "Replay": ["Runs"],
    "Trials": ["Replay"],
    "Diagnosis": ["Trials"],
    "Reports": ["Diagnosis"],
    "Inspection": ["Npy"],
    "Engine": ["Reports", "Inspection", "CEngine"],
    "npyinspect": ["Inspection", "CArguments", "ArgumentParser"],
    "defib-cli": ["Reports", "Inspection", "CArguments", "ArgumentParser"],
  ]

  /// Modules that only their direct users may import, although more could reach them.
  static let guarded: Set<String> = ["CDNNL", "CZlib", "CEngine", "CArguments", "ArgumentParser"]

  @Test func `the manifest has the edges of the table`() throws {
    let package = try Package.dump()
    let modules = package.targets.filter {
      $0.type != "test" && $0.path?.hasPrefix("Tests") != true && $0.name != "devtool"
    }
    #expect(Set(modules.map(\.name)) == Set(Self.table.keys))
    for module in modules {
      #expect(module.names == Self.table[module.name], "dependencies of \(module.name)")
    }
  }

  @Test func `the products are the library and the two commands`() throws {
    let products = try Package.dump().products
    #expect(Set(products.map(\.name)) == ["defib", "npyinspect", "defib-cli"])
    #expect(products.first { $0.name == "defib" }?.targets == ["Engine"])
  }

  /// The compiler does not see to this: a module that happens to be built earlier can be imported
  /// without an edge to it.
  @Test(arguments: table.keys.sorted())
  func `a module imports what it can reach`(module: String) throws {
    let below = Self.reach(of: module)
    let direct = Self.table[module, default: []]
    let files = try Repository.trackedFiles(in: "Sources/\(module)")
    for path in files where path.hasSuffix(".swift") {
      for (number, line) in (try Repository.lines(of: path) ?? []).enumerated() {
        guard let name = Import.module(in: line), Self.isOurs(name) else { continue }
        let allowed = Self.guarded.contains(name) ? direct : below
        #expect(allowed.contains(name), "\(path):\(number + 1): \(module) has no edge to \(name)")
      }
    }
  }

  static func isOurs(_ name: String) -> Bool { table[name] != nil || guarded.contains(name) }

  static func reach(of module: String) -> Set<String> {
    table[module, default: []].reduce(into: []) { reached, next in
      reached.insert(next)
      reached.formUnion(reach(of: next))
    }
  }
}

/// What `swift package dump-package` prints, as far as it is of interest here.
struct Package: Decodable {
  struct Target: Decodable {
    var name: String
    var type: String
    var path: String?
    var dependencies: [[String: [Name?]]]

    /// Dependencies on targets and products alike: the first name is theirs.
    var names: Set<String> {
      Set(dependencies.flatMap { $0.values.compactMap { $0.first??.text } })
    }
  }

  /// An entry of a dependency: a name, or a condition that is of no interest here.
  struct Name: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
      text = try? decoder.singleValueContainer().decode(String.self)
    }
  }

  struct Product: Decodable {
    var name: String
    var targets: [String]
  }

  var targets: [Target]
  var products: [Product]

  /// With a scratch folder of its own: that of the repository is locked while its tests run.
  static func dump() throws -> Package {
    let scratch = FileManager.default.temporaryDirectory
      .appending(path: "defib-manifest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let printed = try Repository.run(
      "swift", "package", "--scratch-path", scratch.path, "dump-package")
    return try JSONDecoder().decode(Package.self, from: printed)
  }
}

/// An import declaration.
enum Import {
  /// The module that a line imports, if it does.
  static func module(in line: Substring) -> String? {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard let keyword = words.firstIndex(of: "import"),
      words[..<keyword].allSatisfy({ $0.hasPrefix("@") || modifiers.contains($0) })
    else { return nil }
    let path = words[(keyword + 1)...].first { !kinds.contains($0) }
    return path?.split(separator: ".").first.map { String($0.prefix { $0 != ";" }) }
  }

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<Substring> = [
    "class", "struct", "enum", "protocol", "func", "var", "let", "typealias", "actor",
  ]
}
