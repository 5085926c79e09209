import Tensors
import Testing

@Suite struct ArenaTests {
  @Test func `cuts zeroed, aligned tensors that do not overlap`() throws {
    let shapes = try [Shape([3]), .scalar, Shape([0]), Shape([17, 5])]
    let arena = try Arena(bytes: shapes.reduce(0) { $0 + Arena.bytes($1.count) })
    var end: UnsafeMutablePointer<Float>?
    for shape in shapes {
      let tensor = try arena.tensor(shape)
      #expect(UInt(bitPattern: tensor.base) % UInt(Arena.alignment) == 0)
      #expect(tensor.buffer.allSatisfy { $0 == 0 })
      if let end { #expect(tensor.base >= end) }
      tensor.fill(1)
      end = tensor.base + tensor.count + Arena.slack / 4
    }
  }

  @Test func `is exhausted with an error`() throws {
    let arena = try Arena(bytes: Arena.bytes(10))
    _ = try arena.tensor(Shape([10]))
    #expect(throws: TensorError.memory(Arena.bytes(1))) { try arena.tensor(Shape([1])) }
  }

  @Test(arguments: [Int.max, Int.max / 4, -1])
  func `reports memory that the system has not`(bytes: Int) {
    #expect(throws: TensorError.memory(bytes)) { try Arena(bytes: bytes) }
  }
}
