import Npy
import Support
import Testing

/// Parts of arrays hold what NumPy's basic indexing gives.
@Suite struct PartTests {
  let folder = TemporaryFolder()

  /// Elements are numbered in C order, so that a part shows by itself what was taken.
  private func numbered(_ shape: [Int], fortran: Bool) throws -> NpyArray {
    let count = shape.reduce(1, *)
    var values = (0..<count).map { Int64($0) }
    if fortran {
      // The place of each element when the first index runs fastest.
      for element in 0..<count {
        var rest = element
        var index = [Int](repeating: 0, count: shape.count)
        for axis in shape.indices.reversed() {
          index[axis] = rest % shape[axis]
          rest /= shape[axis]
        }
        let place = zip(index, shape).reversed().reduce(0) { $0 * $1.1 + $1.0 }
        values[place] = Int64(element)
      }
    }
    let path = folder.file("numbered.npy")
    try NpyFixture.bytes(values).withUnsafeBytes {
      try NpyWriter.write(bytes: $0, type: .int64, shape: shape, fortranOrder: fortran, to: path)
    }
    return try NpyArray(path: path)
  }

  static let cases: [(text: String, shape: [Int], elements: [Int64])] = [
    ("0", [3, 4], Array(0..<12)),
    ("-1, 2", [4], [20, 21, 22, 23]),
    (":, 0, 0", [2], [0, 12]),
    ("..., -1", [2, 3], [3, 7, 11, 15, 19, 23]),
    ("1, ::-1, 1", [3], [21, 17, 13]),
    ("0, 1:, 0:4:2", [2, 2], [4, 6, 8, 10]),
    ("0, -2:100, 3", [2], [7, 11]),
    ("::-1, 0, -1::-2", [2, 2], [15, 13, 3, 1]),
    ("0, 5:, :", [0, 4], []),
    ("1, 2, 3", [], [23]),
  ]

  @Test(arguments: cases, [false, true])
  func `a part has the elements that its subscript names`(
    _ example: (text: String, shape: [Int], elements: [Int64]), fortran: Bool
  ) throws {
    let whole = try numbered([2, 3, 4], fortran: fortran)
    let part = try whole.part(#require(Subscript(example.text)))
    #expect(part.shape == example.shape)
    #expect(try part.ints() == example.elements)
  }

  /// Far larger than the window through which a file is read.
  @Test(
    arguments: [":, 7", "::-1, 3:9", "5:400:3, ::-1", ":, ::2000", "::37, :", "399, :"],
    [false, true])
  func `parts of large files are read through windows`(text: String, fortran: Bool) throws {
    let whole = try numbered([400, 4000], fortran: fortran)
    let part = try whole.part(#require(Subscript(text)))
    let found = try part.ints()
    // A step at a time along each axis, as the text says.
    let bounds = [400, 4000]
    let lists = zip(text.split(separator: ","), bounds).map { word, length in
      let parts = word.filter { $0 != " " }
        .split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      if parts.count == 1 { return [parts[0] ?? 0] }
      let step = parts.count == 3 ? parts[2] ?? 1 : 1
      let first = parts[0] ?? (step > 0 ? 0 : length - 1)
      let end = parts[1] ?? (step > 0 ? length : -1)
      return Array(stride(from: first, to: end, by: step))
    }
    let expected = lists[0].flatMap { row in lists[1].map { Int64(row * 4000 + $0) } }
    #expect(found == expected)
    // In the order of the file the same elements come, each once.
    var bytes = [UInt8](repeating: 0, count: 8 * part.count)
    try bytes.withUnsafeMutableBytes { try part.readBytes(storage: 0..<part.count, into: $0) }
    let stored = bytes.withUnsafeBytes { Array($0.bindMemory(to: Int64.self)) }
    #expect(stored.sorted() == expected.sorted())
  }

  @Test func `strided memory is put in order`() throws {
    let values: [Float] = (0..<24).map { Float($0) }
    try values.withUnsafeBytes { bytes in
      let reversed = try NpyArray(
        borrowing: bytes.baseAddress.map { $0 + 23 * 4 }, type: .float32, shape: [3, 4],
        byteStrides: [-32, -4])
      #expect(reversed.layout == .strided)
      let ordered = try reversed.inOrder()
      #expect(ordered.layout == .rowMajor)
      #expect(try ordered.floats() == [23, 22, 21, 20, 15, 14, 13, 12, 7, 6, 5, 4])
      var raw = [UInt8](repeating: 0, count: 8)
      try raw.withUnsafeMutableBytes { try ordered.readBytes(storage: 3..<5, into: $0) }
      #expect(raw == NpyFixture.bytes([20, 15] as [Float]))
    }
  }

  @Test(arguments: ["", "a", "1:2:3:4", "1.5", "::0", "..., ...", "0,,1", "1:2:x"])
  func `what is no subscript is refused`(text: String) {
    #expect(Subscript(text) == nil)
  }

  @Test func `indices out of range name the axis`() throws {
    let whole = try numbered([2, 3], fortran: false)
    #expect(
      throws: NpyError.badIndex(
        file: whole.file, found: "[0, 3]", expected: "an index from -3 to 2 on axis 1")
    ) { try whole.part(#require(Subscript("0, 3"))) }
    #expect(
      throws: NpyError.badIndex(
        file: whole.file, found: "3 indices in [0, 0, :]",
        expected: "at most 2, for the shape (2, 3)")
    ) { try whole.part(#require(Subscript("0, 0, :"))) }
    let part = try whole.part(#require(Subscript("0")))
    #expect(throws: NpyError.self) { try part.part(#require(Subscript("0"))) }
  }
}
