import Npy

/// How far two arrays of one name are apart.
public struct ArrayDifference: Codable, Sendable, Equatable {
  /// What came of the comparison.
  public enum Status: String, Codable, Sendable {
    /// Every element is equal, or as near as the tolerance allows; NaN is equal to NaN.
    case equal
    /// Some are not.
    case moved
    /// The shapes differ, and the elements are not compared.
    case shape
    /// The types have nothing in common, and the elements are not compared.
    case type
    /// It is in the first alone.
    case onlyFirst = "only-first"
    /// It is in the second alone.
    case onlySecond = "only-second"
  }

  /// The name that both have; empty where two single arrays are compared.
  public var name: String
  /// What came of it.
  public var status: Status
  /// The types, `first` and `second`.
  public var types: [String] = []
  /// The shapes, `first` and `second`.
  public var shapes: [[Int]] = []
  /// Elements of each.
  public var count = 0
  /// Elements that are not equal.
  public var moved = 0
  /// Elements that are NaN or infinite in one of the two, and another value in the other.
  public var nonFinite = 0
  /// The largest absolute difference of two finite elements; absent where none differ or nothing is
  /// finite in both.
  public var largest: Double?
  /// The first index where it is.
  public var index: [Int]?
  /// The elements there.
  public var values: [Double]?
  /// The Euclidean norm of the difference over that of the first array, of what is finite in both; absent
  /// where the first is zero.
  public var relative: Double?

  enum CodingKeys: String, CodingKey {
    case name, status, types, shapes, count, moved
    case nonFinite = "non_finite"
    case largest, index, values
    case relative = "relative_norm"
  }

  init(name: String, status: Status) {
    self.name = name
    self.status = status
  }
}

/// What still counts as equal: `|a - b| <= absolute + relative * |a|`.
public struct Tolerance: Sendable, Equatable {
  /// In the unit of the elements.
  public var absolute = 0.0
  /// A share of the first array's element.
  public var relative = 0.0

  /// Nothing but equal elements.
  public init() {}

  func allows(_ distance: Double, at value: Double) -> Bool {
    distance <= absolute + relative * value.magnitude
  }
}

/// A sum of squares that neither overflows nor vanishes.
struct ScaledSquares {
  private var scale = 0.0
  private var sum = 0.0

  mutating func add(_ values: UnsafeBufferPointer<Double>) {
    var largest = 0.0
    for value in values { largest = max(largest, value.magnitude) }
    guard largest > 0 else { return }
    // By a power of two, so that nothing is rounded; in two steps, as that of a subnormal overflows.
    let exponent = Double(sign: .plus, exponent: -(Int(largest.exponent) / 2), significand: 1)
    let second = -Int(largest.exponent) + Int(largest.exponent) / 2
    let rest = Double(sign: .plus, exponent: second, significand: 1)
    var part = 0.0
    for value in values {
      let small = value * exponent * rest
      part += small * small
    }
    let unit = Double(sign: .plus, exponent: Int(largest.exponent), significand: 1)
    if unit > scale {
      sum = sum * (scale / unit) * (scale / unit) + part
      scale = unit
    } else {
      sum += part * (unit / scale) * (unit / scale)
    }
  }

  /// Adds a sum that neither did.
  mutating func add(sum part: Double) {
    guard part > 0 else { return }
    if scale < 1 {
      sum = sum * scale * scale + part
      scale = 1
    } else {
      sum += part / scale / scale
    }
  }

  /// The root of this sum over that of another; nil where that is zero.
  func ratio(to other: ScaledSquares) -> Double? {
    guard other.sum > 0 else { return nil }
    return scale / other.scale * (sum / other.sum).squareRoot()
  }
}
