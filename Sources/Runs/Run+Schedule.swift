import Npy

extension Run {
  /// The names of a series that holds the learning rate as the training saw it.
  public static let rateSeries = ["learning_rate", "lr"]

  /// The learning rate over the updates: what the run says of it, or else what its history saw; nil
  /// when it has neither. A series with a value that is no rate tells nothing. Ask the whole run: the
  /// updates of a subsample may be fewer.
  ///
  /// - Throws: `RunError.npy` when the series cannot be read.
  public var schedule: Schedule? {
    get throws(RunError) {
      if let schedule = training.optimizer?.schedule { return schedule }
      for name in Self.rateSeries {
        guard let series = history[name] else { continue }
        return seen(try bridging(series.array.doubles()), perEpoch: series.perEpoch)
      }
      return nil
    }
  }

  /// The schedule of a series, whose values are spread evenly over the updates. Equal neighbours make
  /// one knot; where too many are left, evenly chosen ones are joined by lines.
  private func seen(_ rates: [Double], perEpoch: Bool) -> Schedule? {
    let total = updates ?? (perEpoch ? self.updates(ofEpochs: rates.count) : nil) ?? rates.count
    var places: [Int] = []
    var values: [Double] = []
    for (index, rate) in rates.enumerated() {
      // total · index / count, which is less than the total whatever its size.
      let update = rates.count.dividingFullWidth(total.multipliedFullWidth(by: index)).quotient
      if let last = places.last, last >= update { continue }
      if values.last == rate { continue }
      places.append(update)
      values.append(rate)
    }
    let limit = Schedule.knotLimit
    guard places.count > limit else {
      return Schedule(updates: places, rates: values, isLinear: false)
    }
    let kept = (0..<limit).map { $0 * (places.count - 1) / (limit - 1) }
    return Schedule(
      updates: kept.map { places[$0] }, rates: kept.map { values[$0] }, isLinear: true)
  }
}
