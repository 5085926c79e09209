import Replay
import Runs

extension Plots {
  /// The most columns that are drawn, the most classes, and the most losses.
  private static let (featureLimit, classLimit, lossLimit) = (30, 20, 3)

  /// The columns of inputs that are tables of numbers; of too many the largest and the smallest.
  static func features(_ exam: Examination) -> [Feature] {
    var all: [Feature] = []
    let ids = exam.idInputs
    for name in exam.run.graph.inputs.map({ exam.run.graph.tensors[$0] }) where !ids.contains(name)
    {
      guard let vitals = exam.data.arrays[name], vitals.shape.count == 2, vitals.hasColumns else {
        continue
      }
      let columns = vitals.columns
      for column in 0..<columns.units where columns.count[column] > 0 {
        all.append(
          Feature(
            name: exam.label(column, of: columns.units, in: name),
            mean: short(columns.mean[column]),
            deviation: short(columns.variance(column).squareRoot()),
            minimum: short(Double(columns.minimum[column])),
            maximum: short(Double(columns.maximum[column]))))
      }
    }
    guard all.count > featureLimit else { return all }
    let order = all.indices.sorted {
      let (a, b) = (size(all[$0]), size(all[$1]))
      return a == b ? $0 < $1 : a < b
    }
    let half = featureLimit / 2
    return (order.prefix(half) + order.suffix(half)).sorted().map { all[$0] }
  }

  private static func size(_ feature: Feature) -> Double {
    max(abs(feature.minimum), abs(feature.maximum))
  }

  /// Labels and predictions of losses on few classes.
  static func classes(_ exam: Examination) -> [Classes] {
    zip(exam.run.losses, exam.current.losses).prefix(lossLimit).compactMap { term, vitals in
      guard let counts = vitals.classes, counts.actual.count == 1, let actual = counts.actual.first,
        let predicted = counts.predicted.first, actual.count <= classLimit
      else { return nil }
      return Classes(name: term.target, actual: actual, predicted: predicted)
    }
  }
}
