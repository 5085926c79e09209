import Tensors

// Reading operands that must be known before any data.

extension Operand {
  /// The constant as whole numbers, with values beyond those of `Int` as its ends: a Slice to
  /// 2⁶³ − 1 means "all", and is 2⁶³ as a float.
  var saturated: [Int]? {
    guard let constant else { return nil }
    var result: [Int] = []
    for value in constant {
      if value >= 0x1p62 {
        result.append(Int.max)
      } else if value <= -0x1p62 {
        result.append(Int.min)
      } else {
        guard let integer = Int(exactly: value) else { return nil }
        result.append(integer)
      }
    }
    return result
  }
}

extension Array where Element == Operand? {
  /// The whole numbers of an optional operand; nil when it was skipped.
  ///
  /// - Throws: `OperatorError.notConstant` when it depends on the data or has fractions.
  func numbers(_ index: Int, _ what: String) throws(OperatorError) -> [Int]? {
    guard let operand = optional(index) else { return nil }
    guard let values = operand.saturated else { throw .notConstant(what) }
    return values
  }
}

extension Shape {
  /// Axes counted from the end when negative, each once.
  ///
  /// - Throws: `OperatorError.attribute` when one is outside the rank or named twice.
  func axes(_ given: [Int], rank: Int? = nil, name: String = "axes") throws(OperatorError) -> [Int]
  {
    let rank = rank ?? self.rank
    var found: [Int] = []
    for index in given {
      let axis = index < 0 ? index.addingReportingOverflow(rank).partialValue : index
      guard (0..<rank).contains(axis), !found.contains(axis) else {
        throw .attribute(
          name, found: "\(given)", expected: "axes from \(-rank) to \(rank - 1), each once")
      }
      found.append(axis)
    }
    return found
  }
}

/// The most elements of a tensor that are computed before any data.
let constantLimit = 1 << 16
