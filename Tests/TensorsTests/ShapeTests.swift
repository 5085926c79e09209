import Tensors
import Testing

@Suite struct ShapeTests {
  @Test(arguments: [
    [-1], [3, -2], [0, -1], [Int.min], [Int.max], [Int.max, 2], [1 << 31, 1 << 31],
    [0, Int.max, 3], [Int.max, 0, Int.max], [1 << 40, 0, 1 << 40],
  ])
  func `refuses negative and huge lengths`(dims: [Int]) {
    #expect(throws: TensorError.shape(dims)) { try Shape(dims) }
  }

  @Test func `counts elements`() throws {
    #expect(try Shape([]).count == 1)
    #expect(try Shape([0]).count == 0)
    #expect(try Shape([3, 0, 2]).count == 0)
    #expect(try Shape([3, 4, 5]).count == 60)
    #expect(try Shape([3, 4, 5]).rowCount == 20)
    #expect(try Shape([0, 4, 5]).rowCount == 20)
    #expect(Shape.scalar.rowCount == 1)
    #expect(try Shape([]) == .scalar)
  }

  @Test func `splits around an axis`() throws {
    let shape = try Shape([2, 3, 5, 7])
    #expect(shape.around(0) == (1, 105))
    #expect(shape.around(2) == (6, 7))
    #expect(shape.around(3) == (30, 1))
  }

  @Test func `counts axes from the end`() throws {
    let shape = try Shape([2, 3, 5])
    #expect(shape.axis(-1) == 2)
    #expect(shape.axis(-3) == 0)
    #expect(shape.axis(-4) == nil)
    #expect(shape.axis(3) == nil)
    #expect(Shape.scalar.axis(0) == nil)
  }

  @Test func `is written as NumPy writes it`() throws {
    #expect("\(Shape.scalar)" == "()")
    #expect("\(try Shape([5]))" == "(5,)")
    #expect("\(try Shape([3, 4]))" == "(3, 4)")
  }
}
