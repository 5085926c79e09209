import Testing

@testable import Tensors

@Test(arguments: [(1, 1), (3, 40), (17, 33), (64, 5)])
func `transpose swaps rows and columns`(rows: Int, columns: Int) throws {
  let arena = try Arena(bytes: 2 * Arena.bytes(rows * columns))
  let shape = try Shape([rows * columns])
  let (x, y) = (try arena.tensor(shape), try arena.tensor(shape))
  for i in 0..<(rows * columns) { x.base[i] = Float(i) }
  transpose(x.base, rows: rows, columns: columns, into: y.base)
  for row in 0..<rows {
    for column in 0..<columns {
      #expect(y.base[column * rows + row] == Float(row * columns + column))
    }
  }
}
