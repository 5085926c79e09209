/// What arrays of real numbers can be read as: `Float` or `Double`.
protocol RealNumber: BinaryFloatingPoint & Sendable {
  /// The value of a raw element of a type with this coding.
  static func decode<Coding: ElementCoding>(_ raw: Coding.Raw, _ coding: Coding.Type) -> Self
}

extension Float: RealNumber {
  /// The value as a 32-bit float, rounded to nearest.
  @inline(__always)
  static func decode<Coding: ElementCoding>(
    _ raw: Coding.Raw, _ coding: Coding.Type
  ) -> Float { coding.float(raw) }
}

extension Double: RealNumber {
  /// The value as a double, rounded to nearest.
  @inline(__always)
  static func decode<Coding: ElementCoding>(
    _ raw: Coding.Raw, _ coding: Coding.Type
  ) -> Double { coding.double(raw) }
}

/// How the bits of one element type become numbers.
protocol ElementCoding {
  /// The bits, in the order of this machine.
  associatedtype Raw: FixedWidthInteger & UnsignedInteger & Sendable
  /// The value as a 32-bit float, rounded to nearest.
  static func float(_ raw: Raw) -> Float
  /// The value as a double, rounded to nearest.
  static func double(_ raw: Raw) -> Double
}
