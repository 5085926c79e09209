import Glibc
import Tensors
import Testing

/// The functions of Functions+*.swift against libm in double.
@Suite struct MoreFunctionsTests {
  static let claims = [
    Claim(name: "erf", ulps: 2, domain: { _ in true }, function: { Tensors.erf($0) }) {
      Glibc.erf($0)
    },
    Claim(name: "normalCDF", ulps: 4, domain: { _ in true }, function: { normalCDF($0) }) {
      Glibc.erfc(-$0 / 2.0.squareRoot()) / 2
    },
    Claim(
      name: "normalDensity", ulps: 2.5, domain: { _ in true }, function: { normalDensity($0) }
    ) { Glibc.exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() },
    Claim(name: "expm1", ulps: 1.6, domain: { _ in true }, function: { Tensors.expm1($0) }) {
      Glibc.expm1($0)
    },
    Claim(
      name: "sin", ulps: 1.6, domain: { !(abs($0) > 20) }, function: { Tensors.sin($0) }
    ) { Glibc.sin($0) },
    Claim(
      name: "cos", ulps: 1.6, domain: { !(abs($0) > 20) }, function: { Tensors.cos($0) }
    ) { Glibc.cos($0) },
  ]

  @Test(arguments: claims)
  func `errors are as stated`(claim: Claim) {
    #expect(claim.worst(FunctionsTests.corners) <= claim.ulps)
    #expect(claim.worst(FunctionsTests.central) <= claim.ulps)
    #expect(claim.worst(FunctionsTests.dense) <= claim.ulps)
  }

  @Test func `angles of any size`() {
    let floats = stride(from: -20_000, to: 20_000, by: 0.37).map { Float($0) }
    for start in stride(from: 0, to: FunctionsTests.dense.count - 16, by: 16) {
      check(Vector(FunctionsTests.dense[start..<(start + 16)]))
    }
    for start in stride(from: 0, to: floats.count - 16, by: 16) {
      check(Vector(floats[start..<(start + 16)]))
    }
  }

  private func check(_ x: Vector) {
    let (sine, cosine) = (Tensors.sin(x), Tensors.cos(x))
    for lane in 0..<16 {
      let exact = (Glibc.sin(Double(x[lane])), Glibc.cos(Double(x[lane])))
      guard x[lane].isFinite else {
        #expect(sine[lane].isNaN && cosine[lane].isNaN)
        continue
      }
      let error = max(abs(Double(sine[lane]) - exact.0), abs(Double(cosine[lane]) - exact.1))
      if error > 1e-7 { Issue.record("\(x[lane]): off by \(error)") }
    }
  }

  @Test func `rounding in every direction`() {
    let values =
      FunctionsTests.dense + FunctionsTests.central + FunctionsTests.corners
      + [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 8_388_607.5, -8_388_607.5, 4_194_304.5, 0.499_999_97]
    var wrong: [Float] = []
    for start in stride(from: 0, to: values.count - 15, by: 16) {
      let x = Vector(values[start..<(start + 16)])
      for lane in 0..<16 {
        let pairs = [
          (x.nearest[lane], x[lane].rounded(.toNearestOrEven)),
          (x.floor[lane], x[lane].rounded(.down)), (x.ceiling[lane], x[lane].rounded(.up)),
          (x.truncated[lane], x[lane].rounded(.towardZero)),
        ]
        for (found, expected) in pairs where !(found.isNaN && expected.isNaN) {
          if found.bitPattern != expected.bitPattern { wrong.append(x[lane]) }
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(10))")
  }
}
