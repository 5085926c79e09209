extension Graph {
  /// Operators that pass ids on as they are.
  private static let passing: Set<String> = [
    "Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice",
  ]
  /// Operators that ask which id it is, as masks of padding do.
  private static let asking: Set<String> = [
    "Equal", "Not", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Shape",
  ]

  /// Whether a tensor holds ids, such as tokens: it is used to look rows of an embedding up, and for
  /// nothing else that takes it for a number.
  public func holdsIds(_ tensor: Int) -> Bool {
    var isLookedUp = false
    var open = [tensor]
    while let next = open.popLast() {
      for use in consumers[next] {
        let node = nodes[use.node]
        if node.op == "Gather", use.slot > 0 {
          isLookedUp = true
        } else if Self.passing.contains(node.op), use.slot == 0 {
          open += node.outputs
        } else if !Self.asking.contains(node.op) {
          return false
        }
      }
    }
    return isLookedUp
  }
}
