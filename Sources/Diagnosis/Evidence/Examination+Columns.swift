import Runs

/// Columns of inputs and targets in the user's own words, where the run knows them.
extension Examination {
  /// A place at some columns of an input or a target.
  func place(_ kind: Place.Kind, _ array: String, columns: [Int]) -> Place {
    Place(kind, array, units: columns, columns: names(of: columns, in: array))
  }

  /// A column in a sentence: its name in quotes, or its number.
  func column(_ column: Int, of array: String) -> String {
    names(of: [column], in: array).first.map(Wording.name) ?? "\(column)"
  }

  /// Columns in a sentence: their names in quotes, or `0–3, 7`.
  func columns(_ columns: [Int], of array: String) -> String {
    let names = names(of: columns, in: array)
    return names.isEmpty ? Wording.indices(columns) : Wording.names(names)
  }

  /// Columns as evidence: their names, or their numbers.
  func listed(_ columns: [Int], of array: String) -> JSONValue {
    let names = names(of: columns, in: array)
    return names.isEmpty ? .ints(columns) : .strings(names)
  }

  /// A column as a picture is titled: its name, `x[2]`, or the array's own name where it is the only one.
  func label(_ column: Int, of width: Int, in array: String) -> String {
    names(of: [column], in: array).first.map(Wording.clipped)
      ?? (width == 1 ? array : "\(array)[\(column)]")
  }

  /// One name for each of the columns; empty where one of them has none.
  private func names(of columns: [Int], in array: String) -> [String] {
    guard let names = run.graph.columns[array], columns.allSatisfy(names.indices.contains) else {
      return []
    }
    return columns.map { names[$0] }
  }
}
