extension Report {
  /// The report without errors and warnings that are known, and without those that only such explain.
  ///
  /// - Parameter ids: of findings that are known.
  /// - Returns: what is left, and how many findings were left out.
  public func without(known ids: Set<String>) -> (report: Report, left: Int) {
    let told = Set(causes).subtracting(ids)
    var kept = told
    // What a new cause explains is told with it, known or not.
    var size = -1
    while kept.count != size {
      size = kept.count
      for finding in findings where !kept.isDisjoint(with: finding.causedBy) {
        kept.insert(finding.id)
      }
    }
    var other = self
    other.keep { $0.severity == .note || kept.contains($0.id) }
    return (other, findings.count - other.findings.count)
  }
}
