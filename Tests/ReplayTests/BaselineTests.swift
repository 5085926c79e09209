import Testing

@testable import Replay

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

@Test func ridgeFindsALineAndNeighboursACircle() throws {
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

@Test func noiseIsNotLearnable() throws {
  var random = FixedRandom(seed: 9)
  let (x, _) = data(150) { a, _ in a }
  let noise = (0..<150).map { _ in Float(random.normal()) }
  let found = try #require(
    Baselines(features: x, width: 2, targets: noise, columns: 1, samples: 150))
  #expect(found.best < 0.1)
  #expect(found.pValue > 0.05)
}

@Test func leavingOneOutIsExactForRidge() throws {
  let (x, y) = data(12) { $0 + 0.5 * $1 * $1 }
  let smoother = try #require(Smoother.ridge(x, samples: 12, width: 2, penalty: 0.1))
  // Without sample 3, fitted anew with the same λ and the centring of all: its weight must be none.
  #expect(smoother.matrix[3 * 12 + 3] == 0)
  // A target that changes at sample 3 only changes no prediction of sample 3.
  var other = y
  other[3] += 100
  func prediction(_ targets: [Float]) -> Float {
    (0..<12).reduce(0) { $0 + smoother.matrix[3 * 12 + $1] * targets[$1] }
  }
  #expect(prediction(y) == prediction(other))
}
