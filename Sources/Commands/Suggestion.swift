/// What somebody may have meant.
public enum Suggestion {
  /// ` Did you mean 'dead-units'?`, or nothing where no name is near.
  public static func sentence(_ found: String, among known: [String]) -> String {
    guard found.utf8.count <= 100 else { return "" }
    let near = known.map { (name: $0, distance: distance(Array(found.utf8), Array($0.utf8))) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let near, near.distance <= max(2, found.utf8.count / 3) else { return "" }
    return " Did you mean '\(near.name)'?"
  }

  /// How many bytes must be put in, taken out or replaced.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var corner = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let replaced = corner + (x == y ? 0 : 1)
        corner = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, corner + 1)
      }
    }
    return row[b.count]
  }
}
