import Testing

@testable import Runs
@testable import Trials

private func data(_ samples: Int, _ target: (Double, Double) -> Double) -> ([Float], [Float]) {
  var random = FixedRandom(seed: 5)
  var features: [Float] = []
  var targets: [Float] = []
  for _ in 0..<samples {
    let (a, b) = (random.normal(), random.normal())
    features += [Float(a), Float(b)]
    targets.append(Float(target(a, b)))
  }
  return (features, targets)
}

@Test func `ridge finds a line, and neighbours find a circle`() throws {
  let (x, line) = data(200) { 2 * $0 - $1 }
  let linear = try #require(
    Baselines(features: x, width: 2, targets: line, columns: 1, samples: 200))
  #expect(linear.best > 0.99)
  #expect(linear.pValue == 0.01)
  let (z, circle) = data(400) { $0 * $0 + $1 * $1 < 1 ? 1 : 0 }
  let round = try #require(
    Baselines(features: z, width: 2, targets: circle, columns: 1, samples: 400))
  #expect(round.best > 0.6)
  #expect(round.scores[0].score < 0.1)
}

@Test func `noise is not learnable`() throws {
  var random = FixedRandom(seed: 9)
  let (x, _) = data(150) { a, _ in a }
  let noise = (0..<150).map { _ in Float(random.normal()) }
  let found = try #require(
    Baselines(features: x, width: 2, targets: noise, columns: 1, samples: 150))
  #expect(found.best < 0.1)
  #expect(found.pValue > 0.05)
}

@Test(arguments: [2, 20]) func `leaving one out is exact for ridge`(width: Int) throws {
  let (few, y) = data(12) { $0 + 0.5 * $1 * $1 }
  // More columns than samples take another way; columns of zeros change nothing.
  var x = [Float](repeating: 0, count: 12 * width)
  for row in 0..<12 { for column in 0..<2 { x[row * width + column] = few[row * 2 + column] } }
  let smoother = try #require(Smoother.ridge(x, samples: 12, width: width, penalty: 0.1))
  let found = try #require(smoother.predictions(y, columns: 1))
  // A target that changes at sample 3 only changes no prediction of sample 3.
  var other = y
  other[3] += 100
  #expect(abs(try #require(smoother.predictions(other, columns: 1))[3] - found[3]) < 1e-4)
  // By hand: two slopes from the sums of all samples, their own share taken out again.
  let mean = (0..<2).map { c in (0..<12).reduce(0.0) { $0 + Double(few[$1 * 2 + c]) } / 12 }
  let centred = (0..<12).map { r in (0..<2).map { Double(few[r * 2 + $0]) - mean[$0] } }
  func sum(_ term: (Int) -> Double) -> Double { (0..<12).reduce(0) { $0 + term($1) } }
  let (a, b, d) = (
    1.2 + sum { centred[$0][0] * centred[$0][0] }, sum { centred[$0][0] * centred[$0][1] },
    1.2 + sum { centred[$0][1] * centred[$0][1] }
  )
  func hat(_ i: Int, _ j: Int) -> Double {
    let (u, v) = (centred[i], centred[j])
    let product = u[0] * (d * v[0] - b * v[1]) + u[1] * (a * v[1] - b * v[0])
    return product / (a * d - b * b) + 1.0 / 12
  }
  for i in 0..<12 {
    let all = sum { hat(i, $0) * Double(y[$0]) }
    let expected = (all - hat(i, i) * Double(y[i])) / (1 - hat(i, i))
    #expect(abs(Double(found[i]) - expected) < 1e-5)
  }
}

@Test func `neighbours are the mean of the nearest others`() throws {
  let smoother = try #require(
    Smoother.neighbours([0, 1, 3, 7, 7.5], samples: 5, width: 1, k: 2))
  let found = try #require(smoother.predictions([1, 10, 2, 20, 4, 40, 8, 80, 16, 160], columns: 2))
  #expect(found == [3, 30, 2.5, 25, 1.5, 15, 10, 100, 6, 60])
}
