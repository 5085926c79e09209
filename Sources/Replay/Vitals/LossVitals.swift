/// What is measured of one loss over all samples.
public struct LossVitals: Sendable {
  /// Its factor in the total.
  public let weight: Double
  /// The loss of the run's average batch.
  public internal(set) var value = 0.0
  /// The same with the targets in the prediction's shape, where both have as many elements but
  /// shapes that broadcast; else nil.
  public internal(set) var aligned: Double?
  /// Labels, when it is a loss on classes.
  public internal(set) var classes: ClassCounts?

  init(weight: Double) { self.weight = weight }

  mutating func add(aligned more: Double) { aligned = (aligned ?? 0) + more }

  mutating func merge(_ other: LossVitals) {
    value += other.value
    if let more = other.aligned { add(aligned: more) }
    if let more = other.classes {
      if classes == nil { classes = more } else { classes?.merge(more) }
    }
  }
}
