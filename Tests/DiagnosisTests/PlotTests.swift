import Runs
import Support
import Testing

@testable import Diagnosis

/// What a report draws.
struct PlotTests {
  @Test func `layers say what of them is alive and where findings are`() throws {
    let plots = try #require(try Check().run(RunFixture.dead().run()).plots)
    #expect(plots.layers.map(\.name) == ["x", "hidden", "relu", "out", "mse"])
    #expect(plots.layers.map(\.inputs) == [[], [0], [1], [2], [3]])
    let relu = plots.layers[2]
    #expect(relu.alive == 0 && relu.variation == 0 && relu.findings.contains("dead-units:relu"))
    #expect(plots.layers[1].gradient == 0 && (plots.layers[3].gradient ?? 0) > 0)
    #expect((plots.layers[1].variation ?? 0) > 0 && plots.layers[1].moved == nil)
  }

  @Test func `values that are not finite are neither silent nor without gradient`() throws {
    var builder = RunBuilder()
    builder.input([[1, 2], [3, 4], [5, 6], [7, 8]])
    builder.dense("broken", [[.nan, 1]])
    builder.layer("Relu", "relu")
    builder.dense("out", [[1]])
    builder.loss("mse", shape: [4, 1], [1, 2, 3, 4])
    let plots = try #require(try Check().run(builder.run()).plots)
    #expect(plots.layers[1].variation?.isNaN == true && plots.layers[2].alive == nil)
    #expect(plots.layers[3].variation?.isNaN == true)
    #expect(plots.layers.allSatisfy { $0.gradient != 0 })
  }

  @Test func `data and predictions are few numbers`() throws {
    let plots = try #require(try Check().run(RunFixture.sound(samples: 300).run()).plots)
    #expect(plots.constant == "always predicting the mean")
    #expect(plots.features.map(\.name) == ["x[0]", "x[1]"])
    #expect(plots.fits.count == 1 && plots.fits[0].targets.count == 100)
    let errors = zip(plots.fits[0].targets, plots.fits[0].predictions).map { abs($0 - $1) }
    #expect((errors.max() ?? 1) < 0.05)
    #expect(plots.courses.first?.name == "as set" && plots.rates?.own == 0.05)
    #expect(plots.layers.first { $0.name == "out" }?.moved ?? 0 > 1)
  }

  @Test func `a deep network is drawn by its modules`() throws {
    var builder = RunBuilder()
    builder.input((0..<20).map { [Float($0 % 5) - 2, Float($0 % 3) - 1] })
    for index in 0..<90 {
      builder.dense("block\(index / 10).fc\(index % 10)", [[0.9, 0.1], [-0.1, 0.9]])
    }
    builder.dense("out", [[1, 1]])
    builder.loss("mse", shape: [20, 1], (0..<20).map { Float($0 % 5) })
    let plots = try #require(try Check().run(builder.run()).plots)
    #expect(plots.layers.map(\.name) == ["x"] + (0..<9).map { "block\($0)" } + ["out", "mse"])
    #expect(plots.layers[1].kind == .module && plots.layers[1].text == "10 layers")
    #expect(plots.layers[2].inputs == [1] && plots.layers[2].units == 2)
  }

  @Test(arguments: [
    (0.0, 0.0), (123_456, 123_500), (-0.000_123_456, -0.000_123_5),
    (.leastNonzeroMagnitude * 64, 0), (1e300, 1e300),
    (.infinity, .infinity),
  ])
  func `numbers have four digits`(value: Double, short: Double) {
    #expect(Plots.short(value) == short)
  }
}
