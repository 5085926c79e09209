/// A 64-bit hash of numbers in order: it tells two data sets apart, and is no defence against
/// forgery. The mixing step is the finalizer of MurmurHash3 (Appleby).
public enum Digest {
  /// The hash of what comes first, with what comes after.
  public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var h = (a &* 0x9E37_79B9_7F4A_7C15) ^ b
    h ^= h &>> 33
    h = h &* 0xFF51_AFD7_ED55_8CCD
    h ^= h &>> 33
    h = h &* 0xC4CE_B9FE_1A85_EC53
    return h ^ (h &>> 33)
  }

  /// The hash of floats in order: eight at a time in four independent chains.
  public static func of(_ values: UnsafeBufferPointer<Float>) -> UInt64 {
    var chains = SIMD4<UInt64>(1, 2, 3, 4)
    var i = 0
    while i + 8 <= values.count {
      var words = SIMD4<UInt64>()
      for lane in 0..<4 {
        let low = UInt64(values[i + 2 * lane].bitPattern)
        words[lane] = low | UInt64(values[i + 2 * lane + 1].bitPattern) &<< 32
      }
      chains = (chains ^ words) &* 0x9E37_79B9_7F4A_7C15
      chains ^= chains &>> 29
      i += 8
    }
    var hash = UInt64(values.count)
    for lane in 0..<4 { hash = mix(hash, chains[lane]) }
    while i < values.count {
      hash = mix(hash, UInt64(values[i].bitPattern))
      i += 1
    }
    return hash
  }

  /// The hash of a text.
  public static func of(_ text: String) -> UInt64 {
    text.utf8.reduce(UInt64(text.utf8.count)) { mix($0, UInt64($1)) }
  }
}

extension Digest {
  /// The hash of bytes in order, all of them or the first.
  package static func of(bytes: [UInt8], upTo end: Int? = nil) -> UInt64 {
    bytes.withUnsafeBytes { of(bytes: UnsafeRawBufferPointer(rebasing: $0[..<(end ?? $0.count)])) }
  }

  /// The hash of bytes in order.
  package static func of(bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = UInt64(bytes.count)
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      hash = mix(hash, UInt64(littleEndian: word))
      offset += 8
    }
    while offset < bytes.count {
      hash = mix(hash, UInt64(bytes[offset]))
      offset += 1
    }
    return hash
  }
}
