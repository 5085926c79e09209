/// How one axis is padded, or cropped where a pad is negative.
struct PadAxis: Sendable {
  /// What stands in the padding.
  enum Mode: String, Sendable {
    /// One value.
    case constant
    /// The axis mirrored at its last element, which is not repeated.
    case reflect
    /// The last element.
    case edge
    /// The axis from its other end on.
    case wrap
  }

  /// Elements before and after.
  let source: Int
  let output: Int
  private let mode: Mode
  /// The first element that is not cropped, and how many are not.
  private let start: Int
  private let kept: Int
  private let before: Int

  /// The axis of a scalar: one element, as it is.
  static let single = PadAxis()

  private init() {
    (source, output, mode, start, kept, before) = (1, 1, .constant, 0, 1, 0)
  }

  /// Nil when more is cropped than there is, or nothing is left to pad with.
  init?(source: Int, before: Int, after: Int, mode: Mode) {
    self.source = source
    self.mode = mode
    self.before = max(0, before)
    start = max(0, -before)
    kept = source - start - max(0, -after)
    output = source + before + after
    guard kept >= 0, mode == .constant || kept > 0 || output == 0 else { return nil }
  }

  /// Whether nothing changes along this axis.
  var isPlain: Bool { before == 0 && start == 0 && output == source }

  /// The outputs that are the elements as they are, one after another.
  var middle: Range<Int> { before..<(before + kept) }

  /// The element that stands at an output; −1 for the constant.
  func element(_ output: Int) -> Int {
    let i = output - before
    if i >= 0 && i < kept { return start + i }
    switch mode {
    case .constant: return -1
    case .edge: return start + (i < 0 ? 0 : kept - 1)
    case .wrap: return start + Self.remainder(i, kept)
    case .reflect:
      let turn = 2 * (kept - 1)
      guard turn > 0 else { return start }
      let place = Self.remainder(i, turn)
      return start + min(place, turn - place)
    }
  }

  private static func remainder(_ i: Int, _ length: Int) -> Int {
    let rest = i % length
    return rest < 0 ? rest + length : rest
  }
}
