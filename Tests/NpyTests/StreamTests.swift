import Npy
import Support
import Testing

/// Large files are read piece by piece, small ones at once: numbers must not depend on it.
@Suite struct StreamTests {
  /// An array too large to be kept in memory, written once: its numbers are 0, 1, 2… in C order.
  private func large(_ folder: TemporaryFolder, fortran: Bool) throws -> NpyArray {
    let shape = [1 << 17, 3, 12]
    let path = folder.file("large.npy")
    let values = (0..<shape.reduce(1, *)).map { Double($0) }
    if fortran {
      var stored = [Double](repeating: 0, count: values.count)
      for (index, value) in values.enumerated() {
        let (row, middle, last) = (index / 36, index / 12 % 3, index % 12)
        stored[row + (middle + last * 3) * shape[0]] = value
      }
      try stored.withUnsafeBytes {
        try NpyWriter.write(bytes: $0, type: .float64, shape: shape, fortranOrder: true, to: path)
      }
    } else {
      try NpyWriter.write(values, shape: shape, to: path)
    }
    return try NpyArray(path: path)
  }

  @Test(arguments: [false, true])
  func `streams every row`(fortran: Bool) throws {
    let folder = TemporaryFolder()
    let array = try large(folder, fortran: fortran)
    let step = 1000
    for start in stride(from: 0, to: array.rows, by: step) {
      let rows = start..<min(start + step, array.rows)
      let values = try array.floats(rows: rows)
      let first = start * array.rowLength
      guard values == (first..<(first + rows.count * array.rowLength)).map(Float.init) else {
        Issue.record("rows from \(start) are not those of the file")
        return
      }
    }
  }

  @Test(arguments: [false, true])
  func `reads rows from any places`(fortran: Bool) throws {
    let folder = TemporaryFolder()
    let array = try large(folder, fortran: fortran)
    let places = [array.rows - 1, 0, 7, 7] + stride(from: 3, to: array.rows, by: 401)
    let width = array.rowLength
    var buffer = [Float](repeating: .nan, count: places.count * width)
    try buffer.withUnsafeMutableBufferPointer { try array.read(rows: places, into: $0) }
    for (index, place) in places.enumerated() {
      let found = Array(buffer[(index * width)..<((index + 1) * width)])
      guard found == (0..<width).map({ Float(place * width + $0) }) else {
        Issue.record("row \(place) is \(found)")
        return
      }
    }
  }

  @Test(arguments: [false, true])
  func `refuses places outside`(fortran: Bool) throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.npy")
    try [Float](repeating: 1, count: 6).withUnsafeBytes {
      try NpyWriter.write(
        bytes: $0, type: .float32, shape: [2, 3], fortranOrder: fortran, to: path)
    }
    let array = try NpyArray(path: path)
    var buffer = [Float](repeating: 0, count: 6)
    for place in [-1, 2] {
      #expect(throws: NpyError.self) {
        try buffer.withUnsafeMutableBufferPointer { try array.read(rows: [0, place], into: $0) }
      }
    }
    #expect(throws: NpyError.self) {
      try buffer.withUnsafeMutableBufferPointer { try array.read(rows: [0], into: $0) }
    }
  }
}
