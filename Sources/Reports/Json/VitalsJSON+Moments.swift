import Glibc
import Replay
import Runs

extension VitalsJSON {
  /// The figures of a layer's units, or of the columns of an array.
  static func moments(_ moments: UnitMoments) -> JSONValue {
    // Without a finite value there is neither a mean nor an extreme.
    func seen(_ figure: (Int) -> Double) -> JSONValue {
      .numbers((0..<moments.units).map { moments.count[$0] > 0 ? figure($0) : .nan })
    }
    return .object([
      "count": .ints(moments.count),
      "mean": seen { moments.mean[$0] },
      "std": seen { moments.variance($0).squareRoot() },
      "min": seen { Double(moments.minimum[$0]) },
      "max": seen { Double(moments.maximum[$0]) },
      "zeros": .ints(moments.zeros),
      "non_finite": .ints(moments.nonFinite),
    ])
  }

  /// The figures of the gradient at a layer's units.
  static func gradient(_ moments: GradientMoments) -> JSONValue {
    let units = 0..<moments.units
    return .object([
      "mean_abs": .numbers(units.map { moments.magnitude[$0] / Double(max(1, moments.count)) }),
      "norm": .numbers(units.map { moments.squares[$0].squareRoot() }),
      "max_abs": .numbers(units.map { Double(moments.maximum[$0]) }),
      "zeros": .ints(moments.zeros),
      "non_finite": .ints(moments.nonFinite),
    ])
  }

  /// The figures of a parameter's gradient.
  static func gradient(_ values: [Double]) -> JSONValue {
    let figures = values.withUnsafeBufferPointer { ParameterFigures($0) }
    return .object([
      "norm": .number(figures.norm),
      "max_abs": .number(values.isEmpty ? 0 : figures.largestMagnitude),
      "zeros": .int(figures.zeros),
      "mean_abs": .number(figures.meanMagnitude),
    ])
  }
}
