import Glibc

/// Numbers as people read them.
enum NumberText {
  /// `1,234,567`.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return value < 0 ? "-" + text : text
  }

  /// `512 B`, `1.5 KiB`, `3.25 GiB`.
  static func size(_ bytes: Int) -> String {
    if bytes < 1024 { return "\(bytes) B" }
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return format("%.\(value < 10 ? 2 : value < 100 ? 1 : 0)f", value) + " " + units[unit]
  }

  /// About six significant digits: `0.123457`, `1e+06` as C writes it.
  static func number(_ value: Double?) -> String {
    guard let value else { return "-" }
    return format("%.6g", value)
  }

  /// About three significant digits.
  static func brief(_ value: Double) -> String { format("%.3g", value) }

  /// `12.5 %`; something that is not quite nothing is not shown as 0.
  static func share(_ part: Int, of whole: Int) -> String {
    if part == 0 || whole == 0 { return "0 %" }
    if part == whole { return "100 %" }
    let percent = 100 * Double(part) / Double(whole)
    if percent < 0.01 { return "<0.01 %" }
    if percent > 99.99 { return ">99.99 %" }
    return format(percent < 1 ? "%.2f" : "%.1f", percent) + " %"
  }

  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// One number in a format of C, which is the same everywhere: the locale is never set.
  private static func format(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(
      decoding: buffer.prefix(max(0, Int(length))).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
