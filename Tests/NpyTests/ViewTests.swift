import Npy
import Support
import Testing

/// Arrays over memory that somebody else owns.
@Suite struct ViewTests {
  static let values = (0..<24).map { Float($0) }

  struct View: Sendable, CustomTestStringConvertible {
    let name: String
    let start: Int
    let shape: [Int]
    let strides: [Int]
    var layout = NpyArray.Layout.strided
    var testDescription: String { name }
  }

  static let views: [View] = [
    .init(name: "all", start: 0, shape: [24], strides: [4], layout: .rowMajor),
    .init(name: "reversed", start: 23, shape: [24], strides: [-4]),
    .init(name: "every third", start: 0, shape: [8], strides: [12]),
    .init(name: "transposed", start: 0, shape: [6, 4], strides: [4, 24], layout: .columnMajor),
    .init(name: "a block", start: 7, shape: [2, 3], strides: [24, 4]),
    .init(name: "both reversed", start: 23, shape: [4, 6], strides: [-24, -4]),
    .init(name: "broadcast row", start: 2, shape: [5, 3], strides: [0, 4]),
    .init(name: "three axes turned", start: 0, shape: [4, 2, 3], strides: [4, 48, 16]),
    .init(
      name: "one element twice around", start: 5, shape: [1, 1], strides: [999, -5],
      layout: .rowMajor),
    .init(name: "single", start: 9, shape: [], strides: [], layout: .rowMajor),
    .init(
      name: "nothing", start: 0, shape: [3, 0], strides: [1 << 62, 1 << 62],
      layout: .rowMajor),
  ]

  @Test(arguments: views) func `rows are read in C order`(_ view: View) throws {
    let memory = Memory(Self.values)
    let array = try NpyArray(
      borrowing: memory.base + 4 * view.start, type: .float32, shape: view.shape,
      byteStrides: view.strides, owner: memory)
    var expected: [Float] = []
    var index = [Int](repeating: 0, count: view.shape.count)
    for _ in 0..<view.shape.reduce(1, *) {
      let place = zip(index, view.strides).reduce(0) { $0 + $1.0 * $1.1 } / 4
      expected.append(Self.values[view.start + place])
      for axis in index.indices.reversed() {
        index[axis] += 1
        if index[axis] < view.shape[axis] { break }
        index[axis] = 0
      }
    }
    #expect(array.layout == view.layout)
    #expect(try array.floats() == expected)
    #expect(try array.doubles() == expected.map { Double($0) })
    #expect(try array.ints() == expected.map { Int64($0) })
  }

  @Test func `owners live as long as the array`() throws {
    var memory: Memory? = Memory([1, 2, 3])
    weak let watched = memory
    var array: NpyArray? = try NpyArray(
      borrowing: memory?.base, type: .float32, shape: [3], owner: memory)
    memory = nil
    #expect(watched != nil)
    #expect(try array?.floats() == [1, 2, 3])
    array = nil
    #expect(watched == nil)
  }

  @Test func `impossible views are refused`() {
    let memory = Memory([1])
    #expect(
      throws: NpyError.badView(file: "array", found: "1 strides", expected: "2, one a dimension")
    ) {
      try NpyArray(borrowing: memory.base, type: .float32, shape: [1, 1], byteStrides: [4])
    }
    #expect(throws: NpyError.badView(file: "array", found: "no memory", expected: "4 bytes")) {
      try NpyArray(borrowing: nil, type: .float32, shape: [1])
    }
    for strides in [[Int.max, 4], [Int.min, 4], [-(1 << 50), 4]] {
      #expect(throws: NpyError.self) {
        try NpyArray(borrowing: memory.base, type: .float32, shape: [3, 3], byteStrides: strides)
      }
    }
    for shape in [[-1], [Int.max], [1 << 32, 1 << 32], [Int](repeating: 1, count: 65)] {
      #expect(throws: NpyError.self) {
        try NpyArray(borrowing: memory.base, type: .float32, shape: shape)
      }
    }
  }
}

/// Floats at a fixed address.
private final class Memory {
  let base: UnsafeMutableRawPointer

  init(_ values: [Float]) {
    base = .allocate(byteCount: 4 * values.count, alignment: 16)
    base.copyMemory(from: values, byteCount: 4 * values.count)
  }

  deinit { base.deallocate() }
}
