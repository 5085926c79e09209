import Npy

/// The figures computed in the plainest way, with nothing in common with the code under test.
struct Plain {
  var finite: [Double] = []
  var zeros = 0
  var negative = 0
  var nan = 0
  var positiveInfinity = 0
  var negativeInfinity = 0
  var distinct: Set<Double> = []

  init(_ values: some Sequence<Double>) {
    for value in values {
      if value.isFinite { finite.append(value) }
      if value == 0 { zeros += 1 }
      if value < 0 { negative += 1 }
      if value.isNaN { nan += 1 } else { distinct.insert(value) }
      if value == .infinity { positiveInfinity += 1 }
      if value == -.infinity { negativeInfinity += 1 }
    }
  }

  var mean: Double { finite.reduce(0, +) / Double(finite.count) }

  var deviation: Double {
    let mean = self.mean
    let squares = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(finite.count)).squareRoot()
  }
}

func isClose(_ a: Double?, _ b: Double, scale: Double = 0) -> Bool {
  guard let a else { return false }
  return abs(a - b) <= 1e-9 * max(abs(a), abs(b), scale) || a == b
}
