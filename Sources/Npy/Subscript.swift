/// Indices and ranges as NumPy's basic indexing has them, such as `0:5, :, -1`.
public struct Subscript: Sendable, Hashable {
  /// What stands for one axis, or for all that are not named.
  enum Item: Sendable, Hashable {
    case index(Int)
    case range(from: Int?, to: Int?, step: Int)
    case rest
  }

  let items: [Item]

  /// Understands a text without its brackets; nil when it is none of: whole numbers, ranges
  /// `from:to:step` of which each may be left out, and one `...`.
  public init?(_ text: String) {
    var items: [Item] = []
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = String(piece.filter { $0 != " " })
      if word == "..." {
        guard !items.contains(.rest) else { return nil }
        items.append(.rest)
        continue
      }
      guard let item = Self.item(word) else { return nil }
      items.append(item)
    }
    guard !items.isEmpty, items.count <= NpyHeader.dimensionLimit else { return nil }
    self.items = items
  }

  private static func item(_ word: String) -> Item? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count == 1 { return Int(word).map(Item.index) }
    guard parts.count <= 3 else { return nil }
    var numbers: [Int?] = []
    for part in parts {
      let number = Int(part)
      guard number != nil || part.isEmpty else { return nil }
      numbers.append(number)
    }
    let step = parts.count == 3 ? numbers[2] ?? 1 : 1
    guard step != 0, step != Int.min else { return nil }
    return .range(from: numbers[0], to: numbers[1], step: step)
  }

  /// The whole array.
  static let whole = Subscript(items: [.rest])

  private init(items: [Item]) { self.items = items }
}

extension Subscript: CustomStringConvertible {
  /// As it is written between brackets, `0:5, :, -1`.
  public var description: String {
    items.map { item in
      switch item {
      case .index(let index): return "\(index)"
      case .rest: return "..."
      case .range(let from, let to, let step):
        let ends = "\(from.map(String.init) ?? ""):\(to.map(String.init) ?? "")"
        return step == 1 ? ends : "\(ends):\(step)"
      }
    }.joined(separator: ", ")
  }
}

extension Subscript.Item {
  /// The first index on an axis of some length, the distance to the next, and how many there are; nil
  /// when an index is out of range.
  func steps(on length: Int) -> (first: Int, step: Int, count: Int)? {
    switch self {
    case .rest: return (0, 1, length)
    case .index(let index):
      let place = index < 0 ? index + length : index
      return (0..<length).contains(place) ? (place, 1, 1) : nil
    case .range(let from, let to, let step):
      // As Python clamps them: before the first and behind the last are ends as well.
      let lowest = step > 0 ? 0 : -1
      let highest = step > 0 ? length : length - 1
      func clamp(_ value: Int?, _ standard: Int) -> Int {
        guard let value else { return standard }
        let place = value < 0 ? max(value, -length - 1) + length : value
        return min(max(place, lowest), highest)
      }
      let start = clamp(from, step > 0 ? 0 : length - 1)
      let end = clamp(to, step > 0 ? length : -1)
      let distance = step > 0 ? end - start : start - end
      let size = Int(clamping: step.magnitude)
      return (start, step, distance > 0 ? (distance - 1) / size + 1 : 0)
    }
  }
}
