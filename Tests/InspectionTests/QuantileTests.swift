import Inspection
import Npy
import Support
import Testing

/// Quantiles are those of the sorted values.
@Suite struct QuantileTests {
  let folder = TemporaryFolder()

  static let samples: [(String, [Double])] = {
    var random = SeededGenerator(seed: 9)
    return [
      ("one value", [3]),
      ("two values", [-1, 2]),
      ("many", (0..<40_001).map { _ in Double(Float.random(in: -5...5, using: &random)) }),
      ("close together", (0..<5000).map { 1 + Double($0 % 7) * 0x1p-22 }),
      ("both zeros", (0..<100).map { $0 % 2 == 0 ? -0.0 : 0 }),
      ("far apart", [-3e38, 3e38, 1e-40, -1e-40, 0]),
      ("not all finite", [.nan, 1, .infinity, 2, -.infinity, 3, .nan]),
    ]
  }()

  @Test(arguments: samples, [ElementType.float32, .float64])
  func `agree with sorted values`(_ sample: (String, [Double]), type: ElementType) throws {
    let path = folder.file("a.npy")
    if type == .float32 {
      try NpyWriter.write(sample.1.map { Float($0) }, shape: [sample.1.count], to: path)
    } else {
      try NpyWriter.write(sample.1, shape: [sample.1.count], to: path)
    }
    var options = InspectionOptions(threads: 1)
    options.quantiles = true
    let found = try #require(Inspector.array(path: path, options: options).figures?.quantiles)
    let sorted = sample.1.filter(\.isFinite).map { type == .float32 ? Double(Float($0)) : $0 }
      .sorted()
    #expect(found.count == 7)
    for (share, value) in found {
      let place = try #require(Double(share)) * Double(sorted.count - 1)
      let low = sorted[Int(place)]
      let high = sorted[min(sorted.count - 1, Int(place) + 1)]
      let part = place - place.rounded(.down)
      #expect(isClose(value, low * (1 - part) + high * part, scale: 1e-300), "\(share)")
    }
  }

  @Test func `nothing finite has no quantiles`() throws {
    let path = folder.file("a.npy")
    try NpyWriter.write([Double.nan, .infinity], shape: [2], to: path)
    var options = InspectionOptions()
    options.quantiles = true
    #expect(try Inspector.array(path: path, options: options).figures?.quantiles == nil)
  }
}
