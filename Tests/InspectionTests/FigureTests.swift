import Inspection
import Npy
import Support
import Testing

/// The figures agree with plain computations, for every kind of data and layout.
@Suite struct FigureTests {
  let folder = TemporaryFolder()

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]
    let value: @Sendable (Int, inout SeededGenerator) -> Double
  }

  static let cases: [Case] = [
    .init(testDescription: "random", shape: [700, 31]) { _, random in
      .random(in: -3...5, using: &random)
    },
    .init(testDescription: "narrow", shape: [20_001, 3]) { index, random in
      Double(index % 3) * 100 + .random(in: 0...1, using: &random)
    },
    .init(testDescription: "one column", shape: [30_000, 1]) { index, _ in Double(index) / 8 },
    .init(testDescription: "wide", shape: [5, 10_000]) { _, random in
      .random(in: -1e-3...1e-3, using: &random)
    },
    .init(testDescription: "far from zero", shape: [2500, 20]) { _, random in
      1e6 + .random(in: 0...1, using: &random)
    },
    .init(testDescription: "sparse", shape: [60_000]) { index, _ in index % 7 == 0 ? -2.5 : 0 },
    .init(testDescription: "some NaN and Inf", shape: [2001, 17]) { index, random in
      switch index % 5000 {
      case 17: .nan
      case 1700: .infinity
      case 2500: -.infinity
      default: .random(in: -1...1, using: &random)
      }
    },
    .init(testDescription: "only NaN", shape: [10, 10]) { _, _ in .nan },
    .init(testDescription: "constant", shape: [100, 100]) { _, _ in 0.1 },
    .init(testDescription: "labels", shape: [20_000]) { _, random in
      Double(Int.random(in: 0..<10, using: &random))
    },
    .init(testDescription: "falling", shape: [60_000]) { index, _ in -Double(index) },
    .init(testDescription: "growing", shape: [1000]) { index, _ in index % 2 == 0 ? 1e-30 : 1e30 },
    .init(testDescription: "subnormal", shape: [64]) { index, _ in Double(index) * 0x1p-149 },
    .init(testDescription: "single", shape: []) { _, _ in 3 },
    .init(testDescription: "cube", shape: [3, 40, 50]) { index, _ in Double(index % 113) },
  ]

  @Test(arguments: cases, [false, true])
  func `agree with plain computations`(_ example: Case, fortran: Bool) throws {
    var random = SeededGenerator(seed: 3)
    let count = example.shape.reduce(1, *)
    let stored = (0..<count).map { Float(example.value($0, &random)) }
    for type in [ElementType.float32, .float64] {
      let path = folder.file("a.npy")
      let bytes =
        type == .float32 ? NpyFixture.bytes(stored) : NpyFixture.bytes(stored.map { Double($0) })
      try bytes.withUnsafeBytes {
        try NpyWriter.write(
          bytes: $0, type: type, shape: example.shape, fortranOrder: fortran, to: path)
      }
      let found = try Inspector.array(path: path)
      try check(found, Plain(stored.map { Double($0) }))
      let values = try NpyArray(path: path).doubles()
      try checkPlaces(found, values)
      if example.shape.count == 2 { try checkColumns(found, values) }
    }
  }

  private func check(_ found: ArrayInspection, _ plain: Plain) throws {
    let figures = try #require(found.figures)
    #expect(figures.finite == plain.finite.count)
    #expect(figures.zeros == plain.zeros)
    #expect(figures.negative == plain.negative)
    #expect(figures.nan == plain.nan)
    #expect(figures.positiveInfinity == plain.positiveInfinity)
    #expect(figures.negativeInfinity == plain.negativeInfinity)
    let distinct = plain.distinct.count + (plain.nan > 0 ? 1 : 0)
    #expect(figures.distinct == (distinct > 64 ? nil : distinct))
    #expect(figures.constant == (distinct == 1))
    guard !plain.finite.isEmpty else {
      #expect(figures.mean == nil && figures.minimum == nil && found.histogram == nil)
      return
    }
    #expect(figures.minimum == plain.finite.min())
    #expect(figures.maximum == plain.finite.max())
    let size = plain.finite.reduce(0) { max($0, abs($1)) }
    #expect(isClose(figures.mean, plain.mean, scale: 1e-3 * size))
    #expect(isClose(figures.deviation, plain.deviation))
    let histogram = try #require(found.histogram)
    #expect(histogram.counts.reduce(0, +) == plain.finite.count)
    #expect(histogram.edges.count == histogram.counts.count + 1)
    checkBins(histogram, plain.finite)
  }

  /// Each count lies between those of the bin made narrower and wider by the promised error.
  private func checkBins(_ histogram: Histogram, _ values: [Double]) {
    // Cells are not finer than the smallest normal float.
    guard histogram.counts.count > 1, histogram.edges[1] - histogram.edges[0] > 1e-38 else {
      return
    }
    let edges = histogram.edges
    let slack = (edges[edges.count - 1] - edges[0]) / 512
    for (index, count) in histogram.counts.enumerated() {
      let isLast = index == histogram.counts.count - 1
      let low = index == 0 ? -Double.infinity : edges[index]
      let high = isLast ? Double.infinity : edges[index + 1]
      let least = values.count { $0 >= low + slack && $0 < high - slack }
      let most = values.count { $0 >= low - slack && $0 < high + slack }
      #expect((least...most).contains(count), "bin \(index)")
    }
  }

  private func checkPlaces(_ found: ArrayInspection, _ values: [Double]) throws {
    let figures = try #require(found.figures)
    guard let low = figures.minimumIndex, let high = figures.maximumIndex else { return }
    func flat(_ index: [Int]) -> Int { zip(index, found.shape).reduce(0) { $0 * $1.1 + $1.0 } }
    #expect(values[flat(low)] == figures.minimum)
    #expect(values[flat(high)] == figures.maximum)
    if found.order == "C" {
      #expect(flat(low) == values.firstIndex { $0 == figures.minimum })
      #expect(flat(high) == values.firstIndex { $0 == figures.maximum })
    }
  }

  private func checkColumns(_ found: ArrayInspection, _ values: [Double]) throws {
    let columns = try #require(found.columns)
    let width = found.shape[1]
    #expect(columns.total == width)
    #expect(columns.shown.count == min(width, InspectionOptions.jsonColumns))
    for (index, column) in columns.shown.enumerated().prefix(40) {
      let plain = Plain(stride(from: index, to: values.count, by: width).map { values[$0] })
      #expect(column.zeros == plain.zeros)
      #expect(column.nan == plain.nan)
      #expect(column.infinite == plain.positiveInfinity + plain.negativeInfinity)
      guard !plain.finite.isEmpty else { continue }
      #expect(column.minimum == plain.finite.min())
      #expect(column.maximum == plain.finite.max())
      #expect(isClose(column.mean, plain.mean, scale: 1e-3))
      #expect(isClose(column.deviation, plain.deviation))
    }
  }

  @Test(arguments: [[1_100_001], [550_000, 2], [250, 4500]], [false, true])
  func `threads do not change anything`(shape: [Int], fortran: Bool) throws {
    var random = SeededGenerator(seed: 5)
    let values = (0..<shape.reduce(1, *)).map { index in
      index % 100_003 == 0 ? Float.nan : Float.random(in: -1...1, using: &random)
    }
    let path = folder.file("a.npy")
    try NpyFixture.bytes(values).withUnsafeBytes {
      try NpyWriter.write(
        bytes: $0, type: .float32, shape: shape, fortranOrder: fortran, to: path)
    }
    let one = try Inspector.json(path: path, options: .init(threads: 1))
    for threads in [2, 3, 8] {
      #expect(try Inspector.json(path: path, options: .init(threads: threads)) == one)
    }
  }

  @Test func `every real type is measured`() throws {
    for type in ElementType.numeric where type.isReal {
      let path = folder.file("a.npy")
      try [UInt8](repeating: 1, count: 6 * type.itemSize).withUnsafeBytes {
        try NpyWriter.write(bytes: $0, type: type, byteOrder: .big, shape: [6], to: path)
      }
      let found = try Inspector.array(path: path)
      #expect(found.kind == .real)
      #expect(found.figures?.constant == true)
      #expect(isClose(found.figures?.mean, try NpyArray(path: path).doubles()[0]))
    }
  }

  @Test func `complex numbers are measured by magnitude`() throws {
    let path = folder.file("a.npy")
    try NpyFixture.bytes([3, 4, 0, 0, -5, 12, .nan, 1] as [Float]).withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .complex64, shape: [4], to: path)
    }
    let found = try Inspector.array(path: path)
    #expect(found.kind == .complex)
    #expect(found.figures?.minimum == 0)
    #expect(found.figures?.maximum == 13)
    #expect(found.figures?.mean == 6)
    #expect(found.figures?.nan == 1)
    #expect(found.figures?.zeros == 1)
  }

  @Test func `huge doubles do not trap`() throws {
    let path = folder.file("a.npy")
    let big = Double.greatestFiniteMagnitude
    let tiny = Double.leastNonzeroMagnitude
    try NpyWriter.write([big, -big, 0, tiny, 1], shape: [5], to: path)
    let found = try Inspector.array(path: path)
    #expect(found.figures?.minimum == -big)
    #expect(found.figures?.maximum == big)
    #expect(found.figures?.finite == 5)
    #expect(found.histogram?.counts.reduce(0, +) == 5)
    try NpyWriter.write([tiny, -tiny, 1000 * tiny], shape: [3], to: path)
    #expect(try Inspector.array(path: path).histogram?.counts.reduce(0, +) == 3)
  }
}
