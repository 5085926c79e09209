import Glibc
import Npy
import Support
import Testing

/// What is written is whole, aligned, and read back as it was.
@Suite struct WriterTests {
  let folder = TemporaryFolder()

  @Test func `the header is the one NumPy writes`() throws {
    let path = folder.file("a.npy")
    try NpyWriter.write([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3], to: path)
    let bytes = folder.read("a.npy")
    #expect(bytes.count == 128 + 24)
    let text = String(decoding: bytes[10..<128], as: UTF8.self)
    #expect(text.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  "))
    #expect(text.hasSuffix(" \n"))
    #expect(try NpyArray(path: path).header?.dataOffset == 128)
  }

  @Test func `rows can be appended`() throws {
    let path = folder.file("a.npy")
    let writer = try NpyWriter(path: path, elementType: .int64, rowShape: [2])
    for row in 0..<1000 {
      try NpyFixture.bytes([Int64(row), -Int64(row)]).withUnsafeBytes {
        try writer.append(bytes: $0)
      }
    }
    #expect(folder.names.count == 1)
    #expect(!folder.names.contains("a.npy"))
    try writer.finish()
    #expect(folder.names == ["a.npy"])
    let array = try NpyArray(path: path)
    #expect(array.shape == [1000, 2])
    #expect(try array.ints() == (0..<1000).flatMap { [Int64($0), -Int64($0)] })
    #expect((array.header?.dataOffset ?? 1) % 64 == 0)
  }

  @Test func `nothing is left of a writer that was dropped`() throws {
    do {
      let writer = try NpyWriter(path: folder.file("a.npy"), elementType: .float32)
      try NpyFixture.bytes([1] as [Float]).withUnsafeBytes { try writer.append(bytes: $0) }
    }
    #expect(folder.names.isEmpty)
  }

  @Test func `an old file stays until the new one is whole`() throws {
    let path = folder.file("a.npy")
    try NpyWriter.write([1] as [Double], shape: [1], to: path)
    let old = try NpyArray(path: path)
    let writer = try NpyWriter(path: path, elementType: .float64)
    #expect(try NpyArray(path: path).doubles() == [1])
    try writer.finish()
    #expect(try NpyArray(path: path).shape == [0])
    #expect(try old.doubles() == [1])
  }

  @Test func `what does not fit is refused`() throws {
    let path = folder.file("a.npy")
    #expect {
      try NpyWriter.write([1, 2] as [Float], shape: [3], to: path)
    } throws: { "\($0)" == "\(path): found 8 bytes, expected 12 for float32 (3,)" }
    #expect(throws: NpyError.self) {
      try NpyWriter.write([] as [Float], shape: [-1], to: path)
    }
    #expect(throws: NpyError.self) { try NpyWriter(path: path, elementType: .object) }
    #expect(throws: NpyError.self) {
      try NpyWriter(path: folder.file("none/a.npy"), elementType: .int8)
    }
    let writer = try NpyWriter(path: path, elementType: .float32, rowShape: [2])
    #expect(throws: NpyError.self) {
      try [UInt8](repeating: 0, count: 12).withUnsafeBytes { try writer.append(bytes: $0) }
    }
  }

  @Test func `long headers get the second version`() throws {
    // Only a type string can be that long: a datetime unit is not checked against a list.
    let unit = String(repeating: "n", count: 70_000)
    let path = folder.file("a.npy")
    let zeros = [UInt8](repeating: 0, count: 8)
    try zeros.withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .datetime(unit: unit), shape: [1], to: path)
    }
    let array = try NpyArray(path: path)
    #expect(array.header?.version.major == 2)
    #expect((array.header?.dataOffset ?? 1) % 64 == 0)
    #expect(array.elementType == .datetime(unit: unit))
  }

  @Test func `files far larger than memory are read`() throws {
    let path = folder.file("sparse.npy")
    let rows = 5_000_000
    let width = 4096
    let head = NpyFixture.file(NpyFixture.header("'<f4'", "(\(rows), \(width))"))
    _ = folder.write(head, to: "sparse.npy")
    let descriptor = open(path, O_WRONLY)
    defer { _ = close(descriptor) }
    try #require(ftruncate(descriptor, head.count + rows * width * 4) == 0)
    let last: [Float] = [42]
    let offset = head.count + ((rows - 2) * width + 7) * 4
    #expect(pwrite(descriptor, last, 4, offset) == 4)
    let array = try NpyArray(path: path)
    #expect(array.count == rows * width)
    let row = try array.floats(rows: rows - 2..<rows - 1)
    #expect(row[7] == 42)
    #expect(row.reduce(0, +) == 42)
  }
}
