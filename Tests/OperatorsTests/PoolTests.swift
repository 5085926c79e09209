import Tensors
import Testing

@testable import Operators

@Suite struct PoolTests {
  private static func node(
    _ name: String, _ attributes: [String: AttributeValue], _ dims: [Int], _ x: [Float]
  ) throws -> Node {
    try Node(OperatorRegistry.make(name, attributes, inputs: 1, outputs: 1), [dims], [x])
  }

  /// 1…25 as 5 × 5, with the outputs that the definition gives.
  struct Example: Sendable {
    let name: String
    let attributes: [String: AttributeValue]
    let output: [Int]
    let values: [Float]
  }

  static let examples = [
    Example(
      name: "MaxPool", attributes: ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])],
      output: [2, 2], values: [7, 9, 17, 19]),
    Example(
      name: "MaxPool",
      attributes: [
        "kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "ceil_mode": .int(1),
      ], output: [3, 3], values: [7, 9, 10, 17, 19, 20, 22, 24, 25]),
    Example(
      name: "MaxPool", attributes: ["kernel_shape": .ints([5, 5]), "pads": .ints([2, 2, 2, 2])],
      output: [5, 5],
      values: [
        13, 14, 15, 15, 15, 18, 19, 20, 20, 20, 23, 24, 25, 25, 25, 23, 24, 25, 25, 25, 23, 24, 25,
        25, 25,
      ]),
    Example(
      name: "MaxPool", attributes: ["kernel_shape": .ints([2, 2]), "dilations": .ints([2, 3])],
      output: [3, 2], values: [14, 15, 19, 20, 24, 25]),
    // A last window that would begin in the padding is none.
    Example(
      name: "MaxPool",
      attributes: [
        "kernel_shape": .ints([2, 1]), "strides": .ints([3, 5]), "pads": .ints([1, 0, 1, 0]),
        "ceil_mode": .int(1),
      ], output: [2, 1], values: [1, 16]),
    Example(
      name: "AveragePool",
      attributes: [
        "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "auto_pad": .string("SAME_UPPER"),
      ], output: [3, 3], values: [4, 5.5, 7, 11.5, 13, 14.5, 19, 20.5, 22]),
    Example(
      name: "AveragePool",
      attributes: [
        "kernel_shape": .ints([3, 3]), "strides": .ints([4, 4]), "pads": .ints([1, 1, 1, 1]),
        "count_include_pad": .int(1),
      ], output: [2, 2], values: [16 / 9, 28 / 9, 76 / 9, 88 / 9]),
    // Past the padding nothing counts: 2 of 3 rows and 2 of 3 columns.
    Example(
      name: "AveragePool",
      attributes: [
        "kernel_shape": .ints([3, 3]), "strides": .ints([3, 3]), "ceil_mode": .int(1),
        "count_include_pad": .int(1),
      ], output: [2, 2], values: [7, 9.5, 19.5, 22]),
    Example(
      name: "AveragePool",
      attributes: ["kernel_shape": .ints([2, 2]), "dilations": .ints([3, 3])], output: [2, 2],
      values: [10, 11, 15, 16]),
    Example(name: "GlobalAveragePool", attributes: [:], output: [1, 1], values: [13]),
    Example(name: "GlobalMaxPool", attributes: [:], output: [1, 1], values: [25]),
  ]

  @Test(arguments: examples.indices)
  func `pools by hand`(index: Int) throws {
    let example = Self.examples[index]
    let node = try Self.node(
      example.name, example.attributes, [1, 1, 5, 5], (1...25).map { Float($0) })
    #expect(node.outputs[0].shape.dims == [1, 1] + example.output)
    #expect(distance(node.values, example.values) < 1e-7)
  }

  @Test func `indices count through the batch`() throws {
    // Two channels of 1…25; by columns the place of row r, column c is 5 c + r.
    let x = (1...25).map { Float($0) } + (1...25).map { -Float($0) }
    for (order, expected) in [
      (0, [6, 8, 16, 18, 25, 27, 35, 37]), (1, [6, 16, 8, 18, 25, 35, 27, 37]),
    ] as [(Int, [Float])] {
      let node = try Self.node(
        "MaxPool",
        [
          "kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "storage_order": .int(order),
        ], [1, 2, 5, 5], x)
      #expect(node.outputs[1].values == expected)
    }
  }

  @Test(
    arguments: [
      // Row by row the 5 of the first row comes first, whatever stands in its column.
      ([0, 5, 5, 0], [2, 2], [0, 1, 0, 0]),
      ([0, 0, 0, 0], [2, 2], [1, 0, 0, 0]),
      ([-.infinity, -.infinity, -.infinity, -.infinity], [2, 2], [1, 0, 0, 0]),
      ([1, .nan, 7, 2], [4], [0, 1, 0, 0]),
      ([0, 1, 0, 0, 0, 0, 1, 0], [2, 2, 2], [0, 1, 0, 0, 0, 0, 0, 0]),
      ([0, 0, 0, 1, 0, 1, 0, 0], [2, 2, 2], [0, 0, 0, 1, 0, 0, 0, 0]),
    ] as [([Float], [Int], [Float])])
  func `the gradient goes to the first of equals`(
    x: [Float], window: [Int], expected: [Float]
  ) throws {
    let pool = try Self.node("MaxPool", ["kernel_shape": .ints(window)], [1, 1] + window, x)
    let global = try Self.node("GlobalMaxPool", [:], [1, 1] + window, x)
    for node in [pool, global] {
      #expect(node.values[0].isNaN == x.contains { $0.isNaN })
      #expect(try node.gradients([0], [1])[0] == expected)
    }
  }

  /// Rows longer than a vector and windows that overlap, against the definition.
  @Test(arguments: [1, 2, 3], [1, 2])
  func `long rows`(stride: Int, dilation: Int) throws {
    var numbers = Numbers(stride)
    let (height, width) = (7, 53)
    let x = numbers.draw(2 * height * width, from: -9...9).map { $0.rounded() }
    let attributes: [String: AttributeValue] = [
      "kernel_shape": .ints([3, 3]), "strides": .ints([1, stride]),
      "dilations": .ints([1, dilation]), "pads": .ints([1, 1, 1, 1]),
    ]
    let maximum = try Self.node("MaxPool", attributes, [1, 2, height, width], x)
    let mean = try Self.node("AveragePool", attributes, [1, 2, height, width], x)
    let columns = (width + 2 - 2 * dilation - 1) / stride + 1
    let slopes = numbers.draw(2 * height * columns, from: -1...1)
    var (tops, means) = ([Float](), [Float]())
    var (toTops, toMeans) = (x.map { _ in Float(0) }, x.map { _ in Float(0) })
    for i in slopes.indices {
      let (plane, row, column) = (i / columns / height, i / columns % height, i % columns)
      var places: [Int] = []
      for r in max(0, row - 1)...min(height - 1, row + 1) {
        for tap in 0..<3 {
          let c = column * stride - 1 + tap * dilation
          if (0..<width).contains(c) { places.append((plane * height + r) * width + c) }
        }
      }
      let top = try #require(places.map { x[$0] }.max())
      tops.append(top)
      means.append(places.reduce(0) { $0 + x[$1] } / Float(places.count))
      toTops[try #require(places.first { x[$0] == top })] += slopes[i]
      for place in places { toMeans[place] += slopes[i] / Float(places.count) }
    }
    #expect(maximum.values == tops)
    #expect(distance(mean.values, means) < 1e-6)
    #expect(distance(try #require(maximum.gradients([0], slopes)[0]), toTops) < 1e-6)
    #expect(distance(try #require(mean.gradients([0], slopes)[0]), toMeans) < 1e-6)
  }
}
