extension NpyHeader {
  /// The bytes of a header, padded with spaces so that the data starts at a multiple of 64 bytes.
  ///
  /// Version 1.0 is written, and 2.0 when the header does not fit in its 65535 bytes.
  ///
  /// - Parameters:
  ///   - descr: the element type, such as `<f4`.
  ///   - shape: the length of each dimension.
  ///   - fortranOrder: whether the first index runs fastest.
  ///   - reserve: bytes that the header keeps free for a shape that is known only later.
  static func bytes(descr: String, shape: [Int], fortranOrder: Bool, reserve: Int = 0) -> [UInt8] {
    let order = fortranOrder ? "True" : "False"
    let text =
      "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(ShapeText.tuple(shape)), }"
    // The line feed counts.
    let needed = text.utf8.count + 1 + reserve
    let isLong = padded(10 + needed) - 10 > 65535
    let start = isLong ? 12 : 10
    let total = padded(start + needed)
    let length = total - start
    var bytes = magic + [isLong ? 2 : 1, 0]
    for index in 0..<(isLong ? 4 : 2) {
      bytes.append(UInt8(truncatingIfNeeded: length >> (8 * index)))
    }
    bytes.append(contentsOf: text.utf8)
    bytes.append(contentsOf: [UInt8](repeating: 32, count: total - bytes.count - 1))
    bytes.append(10)
    return bytes
  }

  private static func padded(_ size: Int) -> Int { (size + 63) / 64 * 64 }
}
