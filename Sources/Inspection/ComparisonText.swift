import Npy

/// A comparison for people: what moved, the furthest first.
struct ComparisonText {
  let document: ComparisonDocument
  let style: Style
  /// Columns of a terminal; nil where lines may be of any length.
  let width: Int?

  var text: String {
    let all = document.differences
    guard !all.isEmpty else { return "" }
    var lines: [String] = []
    let moved = all.filter { $0.status == .moved }.sorted { Self.order($0) > Self.order($1) }
    if !moved.isEmpty { lines += table(moved) + [""] }
    for difference in all where difference.status != .moved && difference.status != .equal {
      lines.append(style.warning(sentence(difference)))
    }
    if document.settings == .moved { lines.append(style.warning("run.json differs")) }
    let differing = all.count { $0.status != .equal }
    let total = NumberText.count(all.count)
    let arrays = "array\(all.count == 1 ? "" : "s")"
    if all.count == 1, differing == 1 {
      // It has just been told.
      if lines.last == "" { lines.removeLast() }
      return lines.joined(separator: "\n") + "\n"
    }
    lines.append(
      style.strong(
        differing == 0
          ? all.count == 1 ? "equal" : "\(total) \(arrays), all equal"
          : "\(NumberText.count(differing)) of \(total) \(arrays) differ\(differing == 1 ? "s" : "")"
      ))
    return lines.joined(separator: "\n") + "\n"
  }

  /// Those with NaN or infinity in one alone, then by how far they moved.
  private static func order(_ difference: ArrayDifference) -> Double {
    difference.nonFinite > 0 ? .infinity : difference.relative ?? .greatestFiniteMagnitude
  }

  private func table(_ moved: [ArrayDifference]) -> [String] {
    var table = TextTable(right: [false, false, true, true, true, true, false])
    table.add(["array", "shape", "moved", "NaN/Inf", "relative", "largest", "at"])
    for difference in moved {
      let index = difference.index.map { $0.map(String.init).joined(separator: ", ") }
      let values = difference.values.map {
        ": " + $0.map { NumberText.number($0) }.joined(separator: " → ")
      }
      table.add([
        difference.name.isEmpty ? "A → B" : Printable.text(difference.name),
        ArrayPage.shape(difference.shapes.first ?? []),
        NumberText.share(difference.moved, of: difference.count),
        NumberText.count(difference.nonFinite),
        difference.relative.map { NumberText.brief($0) } ?? "-",
        NumberText.number(difference.largest), index.map { "[\($0)]\(values ?? "")" } ?? "",
      ])
    }
    if let width { table.fit(width, leavingOut: ["shape", "NaN/Inf", "at"]) }
    var lines = table.lines
    lines[0] = style.faint(lines[0])
    return lines
  }

  private func sentence(_ difference: ArrayDifference) -> String {
    let name = difference.name.isEmpty ? "" : Printable.text(difference.name) + ": "
    return switch difference.status {
    case .shape:
      name + "the shapes differ: "
        + difference.shapes.map { ArrayPage.shape($0) }.joined(separator: " and ")
    case .type:
      name + "the types cannot be compared: " + difference.types.joined(separator: " and ")
    case .onlyFirst: "\(name)only in \(Printable.text(document.first))"
    case .onlySecond: "\(name)only in \(Printable.text(document.second))"
    case .moved, .equal: name + difference.status.rawValue
    }
  }
}

/// A comparison for spreadsheets.
struct ComparisonLines {
  let document: ComparisonDocument

  func write(_ form: Separated, to output: (String) -> Void) {
    output(
      form.line([
        "array", "status", "elements", "moved", "non_finite", "relative_norm", "largest", "index",
      ]))
    for difference in document.differences {
      output(
        form.line([
          difference.name, difference.status.rawValue, "\(difference.count)", "\(difference.moved)",
          "\(difference.nonFinite)", difference.relative.map { "\($0)" } ?? "",
          difference.largest.map { "\($0)" } ?? "",
          difference.index.map { $0.map(String.init).joined(separator: " ") } ?? "",
        ]))
    }
  }
}
