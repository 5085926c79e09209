import Npy
import Support
import Testing

extension InteropTests {
  /// `Npy` writes, NumPy reads.
  @Suite(.serialized) struct NumPyReads {
    let folder = TemporaryFolder()

    @Test(arguments: ElementType.numeric.filter { $0 != .bfloat16 })
    func `every type and order`(type: ElementType) throws {
      for order in [ByteOrder.little, .big] {
        for fortran in [false, true] {
          for shape in [[], [3], [2, 3], [2, 3, 4], [0, 2]] {
            let path = folder.file("a.npy")
            let count = shape.reduce(1, *) * type.itemSize
            // The exponents stay small, so that no number is a NaN, which would equal nothing.
            let bytes = (0..<count).map { type == .bool ? UInt8($0 % 2) : UInt8($0 % 60) }
            try bytes.withUnsafeBytes {
              try NpyWriter.write(
                bytes: $0, type: type, byteOrder: order, shape: shape, fortranOrder: fortran,
                to: path)
            }
            try Python.run("array = np.load('\(path)')")
            #expect(try Python.text("array.dtype.name") == type.name)
            #expect(try Python.text("list(array.shape)") == "\(shape)")
            #expect(try Python.bytes("array.tobytes('A')") == bytes)
            if type.isReal {
              #expect(try NpyArray(path: path).doubles() == Python.doubles("array"))
            }
          }
        }
      }
    }

    @Test func `rows that were appended`() throws {
      let path = folder.file("a.npy")
      let writer = try NpyWriter(path: path, elementType: .float32, rowShape: [2, 2])
      for row in 0..<300 {
        try NpyFixture.bytes([Float](repeating: Float(row), count: 4)).withUnsafeBytes {
          try writer.append(bytes: $0)
        }
      }
      try writer.finish()
      try Python.run("array = np.load('\(path)')")
      #expect(try Python.text("array.shape, array.dtype.str") == "((300, 2, 2), '<f4')")
      #expect(
        try Python.text("bool((array == np.arange(300).reshape(-1, 1, 1)).all())") == "True")
    }

    @Test func `values of the convenience writers`() throws {
      let path = folder.file("a.npy")
      try NpyWriter.write([Int64.min, 0, Int64.max], shape: [3, 1], to: path)
      try Python.run("array = np.load('\(path)')")
      #expect(
        try Python.text("array.tolist()") == "[[-9223372036854775808], [0], [9223372036854775807]]")
      try NpyWriter.write([0.1, -1e300] as [Double], shape: [2], to: path)
      #expect(try Python.text("np.load('\(path)').tolist()") == "[0.1, -1e+300]")
    }

    @Test func `strings and dates`() throws {
      let path = folder.file("a.npy")
      try Array("abcdef".utf8).withUnsafeBytes {
        try NpyWriter.write(bytes: $0, type: .bytes(size: 3), shape: [2], to: path)
      }
      #expect(try Python.text("np.load('\(path)').tolist()") == "[b'abc', b'def']")
      try NpyFixture.bytes([Int64(1)]).withUnsafeBytes {
        try NpyWriter.write(bytes: $0, type: .datetime(unit: "D"), shape: [], to: path)
      }
      #expect(try Python.text("np.load('\(path)')") == "1970-01-02")
    }
  }
}
