/// When a finding began, as the snapshots of the run tell it: between two moments that follow each
/// other.
public struct Since: Sendable, Equatable {
  /// Updates before the first moment from which on it was there; 0 before the training, nil at an end
  /// of which nothing tells how many they were.
  public let step: Int?
  /// The epoch of that moment, counted from 1; nil when nothing tells.
  public let epoch: Int?
  /// Updates before the last moment at which it was not there yet; nil where there is none.
  public let after: Int?
  /// How much of it there was, from that moment to the end.
  public let course: [Point]

  /// How much there was at one moment.
  public struct Point: Sendable, Equatable {
    /// Updates before it; nil at an end of which nothing tells.
    public let step: Int?
    /// Their epoch, counted from 1; nil when nothing tells.
    public let epoch: Int?
    /// How much.
    public let amount: Amount

    /// A point of its parts.
    public init(step: Int?, epoch: Int?, amount: Amount) {
      (self.step, self.epoch, self.amount) = (step, epoch, amount)
    }
  }

  /// A date of its parts.
  public init(step: Int?, epoch: Int?, after: Int?, course: [Point]) {
    (self.step, self.epoch, self.after, self.course) = (step, epoch, after, course)
  }

  /// Whether it was there before the training, so that it is no news of it.
  public var wasThereAtStart: Bool { step == 0 }

  /// The updates by which it began in the training; nil where it was there at the first moment that is
  /// known.
  var onset: Double? { after == nil ? nil : step.map(Double.init) ?? .infinity }

  /// A sentence, such as `Began between updates 100 and 200: 12 of 64 units dead after 200 (epoch 2),
  /// 64 after 400 (epoch 4).`
  public var text: String {
    let points = points
    guard let first = points.first else {
      return "\(lead)\(epoch.map { wasThereAtStart ? "" : " (epoch \($0))" } ?? "")."
    }
    var parts = ["\(first.amount.text) \(Self.when(first))"]
    for point in points.dropFirst() {
      let amount = point.amount
      let isAlike = amount.total == first.amount.total && amount.name == first.amount.name
      let value = isAlike ? Wording.number(amount.value) : amount.text
      parts.append("\(value) \(Self.when(point))")
    }
    return "\(lead): \(parts.joined(separator: ", "))."
  }

  private var lead: String {
    guard let after else {
      return wasThereAtStart ? "There before the training already" : "There at the first snapshot"
    }
    guard let step, step > after else { return "Began after the last snapshot (update \(after))" }
    return after == 0
      ? "Began in the first \(Wording.count(step, "update"))"
      : "Began between updates \(after) and \(step)"
  }

  private static func when(_ point: Point) -> String {
    guard let step = point.step else { return "at the end" }
    guard step > 0 else { return "then" }
    return "after \(step)" + (point.epoch.map { " (epoch \($0))" } ?? "")
  }

  /// The points that a sentence has room for: where the amount changed, at most four.
  private var points: [Point] {
    var changes: [Point] = []
    for point in course where changes.last?.amount != point.amount { changes.append(point) }
    guard changes.count > Self.limit else { return changes }
    return (0..<Self.limit).map { changes[$0 * (changes.count - 1) / (Self.limit - 1)] }
  }

  private static let limit = 4
}
