/// The table of modules in docs/architecture.md, which is the only list of them.
struct Architecture {
  struct Module {
    let name: String
    let imports: Set<String>
  }

  struct Malformed: Error {
    let line: String
  }

  static let page = "docs/architecture.md"

  /// In the order of the page.
  let modules: [Module]

  /// Reads the first table below the heading "Modules".
  init() throws {
    let lines = try Repository.lines(of: Self.page) ?? []
    try self.init(lines.map(String.init))
  }

  init(_ lines: [String]) throws {
    modules =
      try lines
      .drop { $0 != "## Modules" }
      .drop { !$0.hasPrefix("| `") }
      .prefix { $0.hasPrefix("| `") }
      .map(Self.module)
  }

  /// `` | `Name` | what it owns | `Import`, ArgumentParser | ``
  private static func module(_ row: String) throws -> Module {
    let cells = row.split(separator: "|", omittingEmptySubsequences: false).map(plain)
    guard cells.count == 5, let name = cells[1].first, cells[1].count == 1 else {
      throw Malformed(line: row)
    }
    return Module(name: name, imports: Set(cells[3]))
  }

  /// The names in a cell, without their backticks.
  private static func plain(_ cell: Substring) -> [String] {
    cell.split(separator: ",").map { name in
      String(name.filter { $0 != "`" && !$0.isWhitespace })
    }.filter { !$0.isEmpty }
  }

  var table: [String: Set<String>] {
    Dictionary(modules.map { ($0.name, $0.imports) }, uniquingKeysWith: { $0.union($1) })
  }

  /// What a module imports, directly or through others.
  func reach(of module: String) -> Set<String> {
    table[module, default: []].reduce(into: []) { reached, next in
      reached.insert(next)
      reached.formUnion(reach(of: next))
    }
  }
}
