import Inspection
import Npy
import Support
import Testing

/// Numbers that plain sums in doubles get wrong.
@Suite struct ExactFigureTests {
  let folder = TemporaryFolder()

  private func inspect(_ values: [Int64]) throws -> ArrayInspection {
    try NpyWriter.write(values, shape: [values.count], to: folder.file("a.npy"))
    return try Inspector.array(path: folder.file("a.npy"))
  }

  private func figures(_ values: [Double], shape: [Int]? = nil) throws -> ArrayInspection {
    try NpyWriter.write(values, shape: shape ?? [values.count], to: folder.file("a.npy"))
    return try Inspector.array(path: folder.file("a.npy"))
  }

  @Test func `integers beyond 2 to the 53 are exact`() throws {
    let base: Int64 = 1 << 53
    let found = try inspect([base, base + 1, base + 1, base + 2])
    let figures = try #require(found.figures)
    #expect(figures.exactMinimum == Int128(base) && figures.exactMaximum == Int128(base + 2))
    #expect(figures.minimumIndex == [0] && figures.maximumIndex == [3])
    #expect(figures.distinct == 3 && !figures.constant)
    #expect(figures.mean == Double(base) + 1 || figures.mean == Double(base) + 2)
    #expect(abs((figures.deviation ?? 0) - 0.5.squareRoot()) < 1e-12)
    #expect(found.warnings.contains { $0.contains("rounded") })
    let json = try Inspector.json(path: folder.file("a.npy"))
    #expect(json.contains("\"min\" : 9007199254740992"))
    #expect(json.contains("\"max\" : 9007199254740994"))
    #expect(try !inspect([base - 1, 3]).warnings.contains { $0.contains("rounded") })
  }

  @Test func `the ends of both types of 64 bits are exact`() throws {
    let found = try inspect([.max, .min, .max - 1, .min + 1])
    #expect(found.figures?.exactMinimum == Int128(Int64.min))
    #expect(found.figures?.exactMaximum == Int128(Int64.max))
    #expect(found.figures?.mean == -0.5)
    let words: [UInt64] = [.max, .max - 1, .max]
    for (order, values) in [(ByteOrder.native, words), (.big, words.map(\.byteSwapped))] {
      try NpyFixture.bytes(values).withUnsafeBytes {
        try NpyWriter.write(
          bytes: $0, type: .uint64, byteOrder: order, shape: [3], to: folder.file("u.npy"))
      }
      let figures = try #require(try Inspector.array(path: folder.file("u.npy")).figures)
      #expect(figures.exactMaximum == Int128(UInt64.max) && figures.distinct == 2)
      #expect(
        try Inspector.json(path: folder.file("u.npy")).contains("\"max\" : 18446744073709551615"))
    }
  }

  @Test func `numbers at the end of the range have a mean and a deviation`() throws {
    let figures = try #require(try figures([1.7e308, -1.7e308, 1.7e308, -1.7e308]).figures)
    #expect(figures.mean == 0)
    #expect(figures.deviation == 1.7e308)
    let same = try #require(try self.figures([1.5e308, 1.7e308]).figures)
    #expect(isClose(same.mean, 1.6e308) && isClose(same.deviation, 1e307))
  }

  @Test func `numbers that cancel leave what is left`() throws {
    let figures = try #require(try figures([1e15, 1, -1e15]).figures)
    #expect(isClose(figures.mean, 1.0 / 3))
    var many = (0..<100_000).map { $0 % 2 == 0 ? 1e15 : -1e15 }
    many.append(12.5)
    #expect(isClose(try self.figures(many).figures?.mean, 12.5 / 100_001))
  }

  @Test func `numbers that lie close together far from zero are told apart`() throws {
    let values = (0..<300_000).map { 1e15 + Double($0 % 2) }
    let found = try figures(values, shape: [100_000, 3])
    #expect(found.figures?.mean == 1e15 + 0.5)
    #expect(isClose(found.figures?.deviation, 0.5))
    for column in found.columns?.shown ?? [] { #expect(isClose(column.deviation, 0.5)) }
    #expect(found.columns?.shown.count == 3)
  }

  @Test func `subnormal numbers have a deviation`() throws {
    let tiny = 0x1p-1074
    let figures = try #require(try figures([0, 4 * tiny, 0, 4 * tiny]).figures)
    #expect(figures.mean == 2 * tiny && figures.deviation == 2 * tiny)
    let small = try #require(try self.figures([1e-200, 3e-200]).figures)
    #expect(isClose(small.mean, 2e-200) && isClose(small.deviation, 1e-200))
  }

  @Test func `columns have the same care as the whole`() throws {
    let found = try figures(
      [1.7e308, 1e15, 0x1p-1030, -1.7e308, 1, 0x3p-1030, 0, -1e15, 0x2p-1030], shape: [3, 3])
    let shown = try #require(found.columns?.shown)
    #expect(shown[0].mean == 0 && isClose(shown[0].deviation, 1.7e308 * (2.0 / 3).squareRoot()))
    #expect(isClose(shown[1].mean, 1.0 / 3))
    #expect(isClose(shown[2].mean, 0x2p-1030))
  }
}
