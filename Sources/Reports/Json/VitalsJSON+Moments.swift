import Glibc
import Replay

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
    .object([
      "norm": .number(values.reduce(0) { $0 + $1 * $1 }.squareRoot()),
      "max_abs": .number(values.reduce(0) { $1.isNaN || abs($1) > $0 ? abs($1) : $0 }),
      "zeros": .int(values.count { $0 == 0 }),
      "mean_abs": .number(values.reduce(0) { $0 + abs($1) } / Double(max(1, values.count))),
    ])
  }
}

/// The figures of a parameter's values. One that is not a number makes all of them so.
struct ParameterFigures {
  private(set) var norm = 0.0
  private(set) var mean = 0.0
  private(set) var deviation = 0.0
  private(set) var minimum = Double.nan
  private(set) var maximum = Double.nan

  init(_ values: UnsafeBufferPointer<Float>) {
    guard let first = values.first else { return }
    var (squares, sum) = (0.0, 0.0)
    (minimum, maximum) = (Double(first), Double(first))
    for value in values.lazy.map(Double.init) {
      squares += value * value
      sum += value
      if value < minimum || value.isNaN { minimum = value }
      if value > maximum || value.isNaN { maximum = value }
    }
    mean = sum / Double(values.count)
    // A second pass, for the square of a large mean would drown the variance.
    let spread = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    norm = squares.squareRoot()
    deviation = (spread / Double(values.count)).squareRoot()
  }
}
