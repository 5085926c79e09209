import Tensors

/// The attributes with which a node lays a window over the spatial axes of its input: those of Conv,
/// ConvTranspose and the pools.
struct Window: Sendable {
  /// How the padding is found.
  enum Padding: String, Sendable {
    /// As `pads` says.
    case given = "NOTSET"
    /// As many outputs as steps fit in the input; what is left of an odd number comes last.
    case sameUpper = "SAME_UPPER"
    /// The same; what is left comes first.
    case sameLower = "SAME_LOWER"
    /// None.
    case none = "VALID"
  }

  /// The largest stride, dilation, padding and window that is accepted: products of these with any
  /// length fit an `Int`.
  static let limit = 1 << 20
  /// The largest spatial length that is accepted.
  static let lengthLimit = 1 << 40

  let padding: Padding
  /// The window's lengths; nil where the weights tell.
  let lengths: [Int]?
  let strides: [Int]?
  let dilations: [Int]?
  let pads: [Int]?

  static let attributes = [
    AttributeInfo(
      "auto_pad", default: "NOTSET",
      "SAME_UPPER, SAME_LOWER: pads for ⌈length / stride⌉ outputs; VALID: no pads"),
    AttributeInfo("dilations", default: "1 an axis", "steps between the taps of the window"),
    AttributeInfo("pads", default: "0", "begins of all axes, then ends of all axes"),
    AttributeInfo("strides", default: "1 an axis", "steps of the window"),
  ]

  init(_ attributes: Attributes) throws(OperatorError) {
    let name = try attributes.choice(
      "auto_pad", of: ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"], default: "NOTSET")
    padding = Padding(rawValue: name) ?? .given
    lengths = try Self.list("kernel_shape", from: 1, attributes)
    strides = try Self.list("strides", from: 1, attributes)
    dilations = try Self.list("dilations", from: 1, attributes)
    pads = try Self.list("pads", from: 0, attributes)
  }

  /// A list of numbers of which none is below `least` or absurdly large.
  static func list(
    _ name: String, from least: Int, _ attributes: Attributes
  ) throws(OperatorError) -> [Int]? {
    guard let values = try attributes.ints(name) else { return nil }
    guard values.allSatisfy({ (least...limit).contains($0) }) else {
      throw .attribute(
        name, found: "\(values)", expected: "whole numbers from \(least) to \(limit)")
    }
    return values
  }

  /// Lays the window over the spatial axes of a shape (samples, channels, …).
  ///
  /// - Parameter window: the lengths of the window, where the weights tell.
  /// - Throws: `OperatorError` when a list has the wrong length or the window does not fit.
  func axes(
    of x: Shape, window: [Int]? = nil, transposed: Bool = false
  ) throws(OperatorError) -> [WindowAxis] {
    let rank = x.rank - 2
    guard rank >= 1 else {
      throw .shapes(found: "an input of \(x)", expected: "samples, channels and a spatial axis")
    }
    guard x.dims.allSatisfy({ $0 <= Self.lengthLimit }) else {
      throw .shapes(found: "an input of \(x)", expected: "lengths up to \(Self.lengthLimit)")
    }
    for (name, list, count) in [
      ("kernel_shape", lengths, rank), ("strides", strides, rank), ("dilations", dilations, rank),
      ("pads", pads, 2 * rank),
    ] {
      guard let list, list.count != count else { continue }
      throw .attribute(name, found: "\(list)", expected: "\(count) numbers for an input of \(x)")
    }
    if let lengths, let window, lengths != window {
      throw .attribute("kernel_shape", found: "\(lengths)", expected: "\(window), as the weights")
    }
    guard let window = window ?? lengths else {
      throw .attribute("kernel_shape", found: "missing", expected: "\(rank) numbers")
    }
    guard window.count == rank, window.allSatisfy({ (1...Self.limit).contains($0) }) else {
      throw .shapes(
        found: "a window of \(window) over \(x)",
        expected: "\(rank) lengths from 1 to \(Self.limit)")
    }
    return window.indices.map { axis in
      WindowAxis(
        source: x[axis + 2], window: window[axis], stride: strides?[axis] ?? 1,
        dilation: dilations?[axis] ?? 1, before: pads?[axis] ?? 0, after: pads?[axis + rank] ?? 0)
    }
  }
}
