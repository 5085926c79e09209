import Foundation
import Testing

/// Holds `Package.swift` and every import against the table of docs/architecture.md.
struct ModuleTests {
  /// Modules that only their direct users may import, although more could reach them.
  static let guarded: Set<String> = ["CDNNL", "CZlib", "CEngine", "CArguments", "ArgumentParser"]

  let architecture: Architecture

  init() throws {
    architecture = try Architecture()
  }

  /// The tool that maintains this repository is not shipped, so it may import anything.
  @Test func `the manifest has the modules and edges of the table`() throws {
    let package = try Package.dump()
    let modules = package.targets.filter {
      $0.type != "test" && $0.path?.hasPrefix("Tests") != true && $0.name != "devtool"
    }
    #expect(Set(modules.map(\.name)) == Set(architecture.table.keys))
    for module in modules {
      #expect(module.names == architecture.table[module.name], "dependencies of \(module.name)")
    }
  }

  @Test func `a module of the table imports modules above it`() {
    var above: Set<String> = ["ArgumentParser"]
    for module in architecture.modules {
      #expect(module.imports.isSubset(of: above), "imports of \(module.name)")
      #expect(above.insert(module.name).inserted, "\(module.name) stands twice in the table")
    }
  }

  @Test func `the products are the library and the two commands`() throws {
    let products = try Package.dump().products
    #expect(Set(products.map(\.name)) == ["defib", "npyinspect", "defib-cli"])
    #expect(products.first { $0.name == "defib" }?.targets == ["Engine"])
  }

  /// The compiler does not see to this: a module that happens to be built earlier can be imported
  /// without an edge to it.
  @Test func `a module imports what it can reach`() throws {
    let table = architecture.table
    for (module, direct) in table {
      let below = architecture.reach(of: module)
      for path in try Repository.trackedFiles(in: "Sources/\(module)")
      where path.hasSuffix(".swift") {
        for (number, line) in (try Repository.lines(of: path) ?? []).enumerated() {
          guard let name = Import.module(in: line) else { continue }
          guard table[name] != nil || Self.guarded.contains(name) else { continue }
          let allowed = Self.guarded.contains(name) ? direct : below
          #expect(
            allowed.contains(name), "\(path):\(number + 1): \(module) has no edge to \(name)")
        }
      }
    }
  }

  /// The page leads a newcomer from file to file.
  @Test func `files that the page names exist`() throws {
    let text = try Repository.lines(of: Architecture.page)?.joined(separator: "\n") ?? ""
    let files = text.split(separator: "`").filter { $0.contains("/") && $0.hasSuffix(".swift") }
    #expect(files.count > 10)
    let tracked = Set(try Repository.trackedFiles(in: "Sources"))
    for file in files {
      #expect(tracked.contains("Sources/\(file)"), "Sources/\(file) does not exist")
    }
  }

  @Test func `a row of the table is read`() throws {
    let page = ["| `No` | before | |", "## Modules", "| `A` | b, c | `D`, E |", "| `F` | | |"]
    let modules = try Architecture(page + ["## More", "| `No` | after | |"]).modules
    #expect(modules.map(\.name) == ["A", "F"])
    #expect(modules.map(\.imports) == [["D", "E"], []])
    #expect(throws: Architecture.Malformed.self) {
      try Architecture(["## Modules", "| `A` | no imports |"])
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
