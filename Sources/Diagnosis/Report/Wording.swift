import Glibc

/// How numbers and lists are written in messages and reports.
public enum Wording {
  /// A number with about four significant digits.
  public static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "−inf" : "inf" }
    if value == value.rounded(), abs(value) < 1e7 { return "\(Int(value))" }
    let size = abs(value)
    if size >= 1e6 || size < 1e-3 {
      var exponent = Int(log10(size).rounded(.down))
      var mantissa = round(value / pow(10, Double(exponent)), 3)
      if abs(mantissa) >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
      return "\(trim(mantissa))e\(exponent)"
    }
    let digits = max(0, 3 - Int(log10(size).rounded(.down)))
    return trim(round(value, digits))
  }

  /// A number with three significant digits, for figures that vary from trial to trial.
  public static func rounded(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return number(value) }
    let scale = pow(10, 2 - log10(abs(value)).rounded(.down))
    guard scale.isFinite, scale > 0 else { return number(value) }
    return number((value * scale).rounded() / scale)
  }

  private static func round(_ value: Double, _ digits: Int) -> Double {
    let factor = pow(10, Double(digits))
    return (value * factor).rounded() / factor
  }

  private static func trim(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// A share as a percentage; one that nobody can picture as so many times the whole.
  public static func percent(_ share: Double) -> String {
    if share > 0.999 && share < 1 { return "over 99.9 %" }
    if share >= 100, share.isFinite { return "\(times(share)) times as much" }
    return "\(number((share * 1000).rounded() / 10)) %"
  }

  /// A share of a loss: `5.4 %`, or `1.9 times as much` where it is more than the whole.
  static func share(_ share: Double) -> String {
    guard share >= 1.05, share.isFinite else { return percent(share) }
    return "\(factor(share)) times as much"
  }

  /// A loss beside that of a prediction without inputs: `5.4 % of the loss of always predicting the
  /// mean`, or `1.9 times` it.
  static func loss(_ share: Double, of constant: String) -> String {
    guard share >= 1.05, share.isFinite else {
      return "\(percent(share)) of the loss of \(constant)"
    }
    return "\(factor(share)) times the loss of \(constant)"
  }

  /// A factor as a reader takes it in: `1.9`, `15`, `1.3 million`.
  private static func factor(_ value: Double) -> String {
    value < 10 ? number(round(value, 1)) : times(value)
  }

  /// A large factor in words: `1.3 million`.
  static func times(_ factor: Double) -> String {
    let scales = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")]
    if factor >= 1e15 { return "over a thousand trillion" }
    for (scale, name) in scales where factor >= scale {
      let rounded = factor / scale
      return "\(number(rounded < 10 ? round(rounded, 1) : rounded.rounded())) \(name)"
    }
    return number(factor.rounded())
  }

  /// Indices, with runs of neighbours drawn together: `0–3, 7`.
  public static func indices(_ values: [Int], limit: Int = 12) -> String {
    var parts: [String] = []
    var index = 0
    while index < values.count {
      var end = index
      while end + 1 < values.count && values[end + 1] == values[end] + 1 { end += 1 }
      parts.append(
        end > index + 1
          ? "\(values[index])–\(values[end])"
          : values[index...end].map(String.init).joined(separator: ", "))
      index = end + 1
    }
    guard parts.count > limit else { return parts.joined(separator: ", ") }
    return parts.prefix(limit).joined(separator: ", ") + ", …"
  }

  /// Names of columns, quoted: `` `age`, `income` ``.
  public static func names(_ names: [String], limit: Int = 12) -> String {
    names.prefix(limit).map(name).joined(separator: ", ") + (names.count > limit ? ", …" : "")
  }

  /// How many letters of a foreign name are shown.
  private static let nameLimit = 60

  /// A name that others gave, in quotes that it cannot end, and of a length that leaves a sentence readable.
  static func name(_ name: String) -> String {
    "`" + String(clipped(name).map { $0 == "`" ? "'" : $0.isNewline ? " " : $0 }) + "`"
  }

  /// The first letters of a name that others gave.
  static func clipped(_ name: String) -> String {
    name.count > nameLimit ? name.prefix(nameLimit) + "…" : name
  }

  /// `1 unit`, `3 units`.
  public static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
