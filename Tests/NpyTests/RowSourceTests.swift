import Npy
import Support
import Testing

/// Arrays whose rows do not lie in one piece.
struct RowSourceTests {
  /// The rows of a 10 × 2 array in several files.
  private func shards(_ folder: TemporaryFolder, _ sizes: [Int]) throws -> NpyArray {
    var paths: [String] = []
    var start = 0
    for (index, size) in sizes.enumerated() {
      let path = folder.file("\(index).npy")
      try NpyWriter.write(
        (2 * start..<2 * (start + size)).map(Float.init), shape: [size, 2], to: path)
      paths.append(path)
      start += size
    }
    return try NpyArray(shards: paths, name: "x")
  }

  @Test(arguments: [[10], [5, 5], [0, 3, 0, 1, 6, 0], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]])
  func `any cut reads as one array`(sizes: [Int]) throws {
    let folder = TemporaryFolder()
    let array = try shards(folder, sizes)
    #expect(array.shape == [10, 2])
    for start in 0...10 {
      for end in start...10 {
        #expect(try array.floats(rows: start..<end) == (2 * start..<2 * end).map(Float.init))
      }
    }
    var places = [Float](repeating: 0, count: 6)
    try places.withUnsafeMutableBufferPointer { try array.read(rows: [9, 0, 4], into: $0) }
    #expect(places == [18, 19, 0, 1, 8, 9])
    var doubles = try array.doubles(rows: 0..<10)
    #expect(doubles == (0..<20).map(Double.init))
    #expect(try array.ints(rows: 2..<4) == [4, 5, 6, 7])
    #expect(array.contiguousFloats == nil && array.contiguousBytes == nil)
    #expect(throws: NpyError.self) { try array.floats(rows: 5..<11) }
    #expect(throws: NpyError.self) {
      try doubles.withUnsafeMutableBufferPointer {
        try array.readDoubles(storage: 0..<20, into: $0)
      }
    }
  }

  @Test func `a shard that changes while it is read is found out`() throws {
    let folder = TemporaryFolder()
    let array = try shards(folder, [4, 6])
    try NpyWriter.write([Float](repeating: 0, count: 4), shape: [2, 2], to: folder.file("1.npy"))
    #expect(try array.floats(rows: 0..<4).count == 8)
    #expect(throws: NpyError.self) { try array.floats(rows: 3..<5) }
  }

  @Test func `windows have the rows that they have`() throws {
    let folder = TemporaryFolder()
    let part = try shards(folder, [3])
    let array = try NpyArray(windows: [(7, part), (2, part)], rows: 1_000_000_000_000, name: "x")
    #expect(array.rows == 1_000_000_000_000)
    #expect(try array.floats(rows: 2..<5) == [0, 1, 2, 3, 4, 5])
    #expect(try array.floats(rows: 8..<10) == [2, 3, 4, 5])
    #expect(try array.floats(rows: 6..<6).isEmpty)
    for rows in [0..<1, 4..<8, 9..<11, 999_999_999_999..<1_000_000_000_000] {
      #expect(throws: NpyError.self) { try array.floats(rows: rows) }
    }
    for (windows, rows) in [
      ([(0, part), (2, part)], 10), ([(-1, part)], 10), ([(8, part)], 10), ([(0, part)], -1),
      ([], 1),
    ] {
      #expect(throws: NpyError.self) { try NpyArray(windows: windows, rows: rows, name: "x") }
    }
  }

  @Test func `rows can be fetched`() throws {
    let array = try NpyArray(shape: [100, 3], name: "x") { (places, buffer) throws(NpyError) in
      guard !places.contains(50) else {
        throw .system(file: "x", operation: "be read", reason: "row 50 is not there")
      }
      for (index, place) in places.enumerated() {
        for column in 0..<3 { buffer[3 * index + column] = Float(10 * place + column) }
      }
    }
    #expect(try array.floats(rows: 4..<6) == [40, 41, 42, 50, 51, 52])
    #expect(throws: NpyError.self) { try array.floats(rows: 40..<60) }
    #expect(throws: NpyError.self) { try NpyArray(shape: [], name: "x") { _, _ in } }
    #expect(throws: NpyError.self) { try NpyArray(shape: [-1, 2], name: "x") { _, _ in } }
  }
}
