extension Graph {
  /// Whether a tensor holds ids, such as tokens: it is used to look rows of an embedding up, and for
  /// nothing else that takes it for a number.
  public func holdsIds(_ tensor: Int) -> Bool {
    var isLookedUp = false
    var open = [tensor]
    while let next = open.popLast() {
      for use in consumers[next] {
        let node = nodes[use.node]
        if node.kind.states(.looksUpRows), use.slot > 0 {
          isLookedUp = true
        } else if node.kind.states(.passesIds), use.slot == 0 {
          open += node.outputs
        } else if !node.kind.states(.comparesIds) {
          return false
        }
      }
    }
    return isLookedUp
  }
}
