import Tensors
import Testing

@Suite struct BroadcastTests {
  static let shapes = [
    [], [1], [3], [4], [0], [4, 3], [4, 1], [1, 3], [1, 1], [2, 4, 3], [2, 1, 3], [2, 4, 1],
    [1, 4, 1], [2, 1, 1], [0, 3], [2, 0, 3], [5, 2, 4, 3],
  ]

  /// For every element of the common shape, by NumPy's definition: the offsets in both operands.
  static func pairs(_ a: [Int], _ b: [Int]) -> [[Int]]? {
    let rank = max(a.count, b.count)
    let first = Array(repeating: 1, count: rank - a.count) + a
    let second = Array(repeating: 1, count: rank - b.count) + b
    var dims: [Int] = []
    for (m, n) in Swift.zip(first, second) {
      if m != n && m != 1 && n != 1 { return nil }
      dims.append(m == 1 ? n : m)
    }
    return (0..<dims.reduce(1, *)).map { flat in
      var rest = flat
      var index = [Int](repeating: 0, count: rank)
      for axis in dims.indices.reversed() {
        index[axis] = rest % dims[axis]
        rest /= dims[axis]
      }
      return [first, second].map { lengths in
        lengths.indices.reduce(0) { $0 * lengths[$1] + (lengths[$1] == 1 ? 0 : index[$1]) }
      }
    }
  }

  /// The same from `forEachRow`.
  static func visited(_ common: Broadcast) -> [[Int]] {
    var pairs = [[Int]](repeating: [-1, -1], count: common.shape.count)
    let steps = common.innerSteps
    common.forEachRow { result, left, right in
      for i in 0..<(common.shape.dims.last ?? 1) {
        pairs[result + i] = [left + i * steps.left, right + i * steps.right]
      }
    }
    return pairs
  }

  @Test(arguments: shapes, shapes)
  func `pairs elements as NumPy does`(a: [Int], b: [Int]) throws {
    let common = Broadcast(try Shape(a), try Shape(b))
    guard let expected = Self.pairs(a, b) else {
      #expect(common == nil)
      return
    }
    let found = try #require(common)
    #expect(Self.visited(found) == expected)
    #expect(Self.visited(found.collapsed) == expected)
    #expect(found.collapsed.shape.rank <= found.shape.rank)
  }

  @Test func `merges what advances evenly`() throws {
    let rows = try #require(Broadcast(Shape([2, 4, 3]), Shape([3])))
    #expect(rows.collapsed.shape.dims == [8, 3])
    let same = try #require(Broadcast(Shape([2, 4, 3]), Shape([2, 4, 3])))
    #expect(same.collapsed.shape.dims == [24])
    #expect(same.isPlain)
    let scalar = try #require(Broadcast(Shape([2, 4, 3]), .scalar))
    #expect(scalar.collapsed.shape.dims == [24])
    #expect(scalar.collapsed.innerSteps == (1, 0))
    #expect(!scalar.isPlain)
  }
}
