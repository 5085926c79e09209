/// The equation of an Einsum, such as `bij,bjk->bik`, with a label for every axis.
struct EinsumEquation {
  /// A letter, or an axis that an ellipsis stands for, counted from the right so that these
  /// broadcast.
  enum Label: Hashable, Comparable {
    case ellipsis(fromRight: Int)
    case letter(UInt8)
  }

  /// One part of an equation: the letters before and after the ellipsis, if there is one.
  struct Term {
    let before: [UInt8]
    let after: [UInt8]?

    /// The labels when the ellipsis stands for as many axes.
    func labels(hidden: Int) -> [Label] {
      before.map { Label.letter($0) }
        + (after == nil ? [] : (0..<hidden).reversed().map { Label.ellipsis(fromRight: $0) })
        + (after ?? []).map { Label.letter($0) }
    }

    /// How many axes the ellipsis stands for in an operand of that rank; nil when it cannot.
    func hidden(rank: Int) -> Int? {
      guard let after else { return rank == before.count ? 0 : nil }
      let rest = rank - before.count - after.count
      return rest >= 0 ? rest : nil
    }
  }

  let inputs: [Term]
  /// nil when the equation leaves it to the rule: labels that occur once, in alphabetical order.
  let output: Term?

  /// Reads an equation; nil when it is none.
  init?(_ text: String) {
    let bytes = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })
    let arrow = bytes.indices.dropLast().first {
      bytes[$0] == UInt8(ascii: "-") && bytes[$0 + 1] == UInt8(ascii: ">")
    }
    var inputs: [Term] = []
    for part in bytes[..<(arrow ?? bytes.count)]
      .split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    {
      guard let term = Self.term(part) else { return nil }
      inputs.append(term)
    }
    self.inputs = inputs
    guard let arrow else {
      output = nil
      return
    }
    guard let term = Self.term(bytes[(arrow + 2)...]),
      Set(term.before + (term.after ?? [])).count == term.before.count + (term.after?.count ?? 0)
    else { return nil }
    output = term
  }

  private static func term(_ bytes: ArraySlice<UInt8>) -> Term? {
    let dot = UInt8(ascii: ".")
    func letters(_ part: ArraySlice<UInt8>) -> [UInt8]? {
      let fold = part.allSatisfy {
        ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
      }
      return fold ? Array(part) : nil
    }
    guard let first = bytes.firstIndex(of: dot) else {
      return letters(bytes).map { Term(before: $0, after: nil) }
    }
    guard bytes[first...].starts(with: [dot, dot, dot]), let before = letters(bytes[..<first]),
      let after = letters(bytes[(first + 3)...])
    else { return nil }
    return Term(before: before, after: after)
  }
}
