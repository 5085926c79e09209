import Npy
import Support
import Testing

/// Every type, byte order, memory order and shape, read back as the numbers that were written.
@Suite struct ReadTests {
  static let types = ElementType.numeric.filter(\.isReal)
  static let shapes = [[], [3], [2, 3], [2, 3, 4], [0, 3], [3, 0], [70, 1, 130]]

  @Test(arguments: types, shapes)
  func `reads every type order and shape`(type: ElementType, shape: [Int]) throws {
    let folder = TemporaryFolder()
    let count = shape.reduce(1, *)
    let values = (0..<count).map { Element.value($0, of: type) }
    for order in [ByteOrder.little, .big] {
      for fortran in [false, true] {
        let stored = fortran ? Element.columnMajor(values, shape: shape) : values
        let bytes = stored.flatMap { Element.bytes($0, type: type, order: order) }
        let path = folder.file("a.npy")
        try bytes.withUnsafeBytes {
          try NpyWriter.write(
            bytes: $0, type: type, byteOrder: order, shape: shape, fortranOrder: fortran, to: path)
        }
        let array = try NpyArray(path: path)
        #expect(array.elementType == type)
        #expect(array.shape == shape)
        #expect(array.trailingBytes == 0)
        #expect(try array.doubles() == values)
        #expect(try array.floats() == values.map { Float($0) })
        if values.allSatisfy({ $0.rounded() == $0 }) {
          #expect(try array.ints() == values.map { Int64($0) })
        }
        try checkRows(array, values)
      }
    }
  }

  /// Each row alone gives the same numbers as all together.
  private func checkRows(_ array: NpyArray, _ values: [Double]) throws {
    let width = array.rowLength
    for row in 0..<min(3, array.rows) {
      #expect(
        try array.floats(rows: row..<row + 1)
          == values[row * width..<(row + 1) * width].map { Float($0) })
    }
  }

  @Test func `every half is the number the hardware says`() throws {
    let raw = (0...UInt16.max).map { $0 }
    let folder = TemporaryFolder()
    let path = folder.file("half.npy")
    try NpyFixture.bytes(raw).withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .float16, shape: [65536], to: path)
    }
    let values = try NpyArray(path: path).floats()
    for (bits, value) in zip(raw, values) {
      let expected = Float(Float16(bitPattern: bits))
      let same = expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern
      guard same else {
        Issue.record("half \(bits) is \(value), expected \(expected)")
        return
      }
    }
  }

  @Test func `special numbers survive`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.npy")
    let specials: [Float] = [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
    try NpyWriter.write(specials, shape: [5], to: path)
    let read = try NpyArray(path: path).floats()
    #expect(read.map(\.bitPattern) == specials.map(\.bitPattern))
    let bfloats = specials.map { UInt16($0.bitPattern >> 16) }
    try NpyFixture.bytes(bfloats).withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .bfloat16, shape: [5], to: path)
    }
    let brains = try NpyArray(path: path).floats()
    #expect(brains.map(\.bitPattern) == bfloats.map { UInt32($0) << 16 })
  }

  @Test func `whole numbers are exact or refused`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.npy")
    try NpyWriter.write([Int64.min, -1, Int64.max], shape: [3], to: path)
    #expect(try NpyArray(path: path).ints() == [.min, -1, .max])
    try NpyWriter.write([1, 2.5] as [Double], shape: [2], to: path)
    #expect(throws: NpyError.notAnInteger(file: path, index: 1, found: "2.5")) {
      try NpyArray(path: path).ints()
    }
    try NpyWriter.write([.nan] as [Float], shape: [1], to: path)
    #expect(throws: NpyError.notAnInteger(file: path, index: 0, found: "nan")) {
      try NpyArray(path: path).ints()
    }
    try NpyFixture.bytes([UInt64.max]).withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .uint64, shape: [1], to: path)
    }
    #expect(
      throws: NpyError.notAnInteger(file: path, index: 0, found: "18446744073709551615")
    ) { try NpyArray(path: path).ints() }
  }

  @Test func `only aligned native floats are given in place`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.npy")
    try NpyWriter.write([1, 2, 3] as [Float], shape: [3], to: path)
    let native = try NpyArray(path: path)
    withExtendedLifetime(native) {
      #expect(native.contiguousFloats.map(Array.init) == [1, 2, 3])
    }
    try NpyWriter.write([1, 2, 3] as [Double], shape: [3], to: path)
    #expect(try NpyArray(path: path).contiguousFloats == nil)
    let odd = folder.write(
      NpyFixture.file(
        NpyFixture.header("'<f4'", "(3,)") + " ", data: NpyFixture.bytes([1, 2, 3] as [Float])),
      to: "odd.npy")
    let array = try NpyArray(path: odd)
    if !array.isAligned { #expect(array.contiguousFloats == nil) }
    #expect(try array.floats() == [1, 2, 3])
  }

  @Test func `wrong requests are refused`() throws {
    let folder = TemporaryFolder()
    let path = folder.file("a.npy")
    try NpyWriter.write([1, 2, 3, 4] as [Float], shape: [2, 2], to: path)
    let array = try NpyArray(path: path)
    var buffer = [Float](repeating: 0, count: 3)
    try buffer.withUnsafeMutableBufferPointer { buffer in
      #expect(throws: NpyError.wrongBuffer(file: path, found: 3, expected: 2)) {
        try array.read(rows: 0..<1, into: buffer)
      }
      #expect(throws: NpyError.rowsOutOfRange(file: path, found: 1..<3, available: 2)) {
        try array.read(rows: 1..<3, into: buffer)
      }
      #expect(throws: NpyError.rowsOutOfRange(file: path, found: -1..<1, available: 2)) {
        try array.read(rows: -1..<1, into: buffer)
      }
      try array.read(rows: 2..<2, into: UnsafeMutableBufferPointer(rebasing: buffer[..<0]))
    }
    let complex = try NpyArray(borrowing: nil, type: .complex64, shape: [0])
    #expect {
      try complex.floats()
    } throws: {
      "\($0)"
        == "array: has elements of type complex64, expected real numbers (bool, integer or float)"
    }
  }
}
