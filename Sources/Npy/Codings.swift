// One coding a type. All loops over elements are instances of one generic function over these, so
// each body must be a few instructions without a branch: that is what lets it be vectorised.

enum BoolCoding: ElementCoding {
  @inline(__always) static func float(_ raw: UInt8) -> Float { raw == 0 ? 0 : 1 }
  @inline(__always) static func double(_ raw: UInt8) -> Double { raw == 0 ? 0 : 1 }
}

enum SignedCoding<Raw: FixedWidthInteger & UnsignedInteger & Sendable, Value>: ElementCoding
where Value: FixedWidthInteger & SignedInteger {
  @inline(__always) static func float(_ raw: Raw) -> Float {
    Float(Value(truncatingIfNeeded: raw))
  }
  @inline(__always) static func double(_ raw: Raw) -> Double {
    Double(Value(truncatingIfNeeded: raw))
  }
}

enum UnsignedCoding<Raw: FixedWidthInteger & UnsignedInteger & Sendable>: ElementCoding {
  @inline(__always) static func float(_ raw: Raw) -> Float { Float(raw) }
  @inline(__always) static func double(_ raw: Raw) -> Double { Double(raw) }
}

enum Float16Coding: ElementCoding {
  /// Moving the bits into a float32 leaves an exponent that is 112 too small; the multiplication
  /// mends it, for subnormal numbers as well. Infinity and NaN get the largest exponent instead.
  @inline(__always) static func float(_ raw: UInt16) -> Float {
    let sign = UInt32(raw & 0x8000) << 16
    let magnitude = UInt32(raw & 0x7FFF) << 13
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let bits = magnitude >= 0x0F80_0000 ? magnitude | 0x7F80_0000 : scaled
    return Float(bitPattern: bits | sign)
  }
  @inline(__always) static func double(_ raw: UInt16) -> Double { Double(float(raw)) }
}

enum BFloat16Coding: ElementCoding {
  @inline(__always) static func float(_ raw: UInt16) -> Float {
    Float(bitPattern: UInt32(raw) << 16)
  }
  @inline(__always) static func double(_ raw: UInt16) -> Double { Double(float(raw)) }
}

enum Float32Coding: ElementCoding {
  @inline(__always) static func float(_ raw: UInt32) -> Float { Float(bitPattern: raw) }
  @inline(__always) static func double(_ raw: UInt32) -> Double { Double(Float(bitPattern: raw)) }
}

enum Float64Coding: ElementCoding {
  @inline(__always) static func float(_ raw: UInt64) -> Float { Float(Double(bitPattern: raw)) }
  @inline(__always) static func double(_ raw: UInt64) -> Double { Double(bitPattern: raw) }
}
