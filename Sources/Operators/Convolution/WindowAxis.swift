import Tensors

/// A window on one spatial axis: output o reads the elements o · stride − before + t · dilation, for
/// each tap t of the window.
struct WindowAxis: Sendable, Equatable {
  /// The length of the input.
  let source: Int
  /// The taps of the window.
  let window: Int
  /// Elements from one window to the next.
  let stride: Int
  /// Elements from one tap to the next.
  let dilation: Int
  /// Padding in front.
  var before: Int
  /// Padding behind.
  var after: Int
  /// The length of the output; set by one of the rules below.
  var output = 0

  init(source: Int, window: Int, stride: Int, dilation: Int, before: Int = 0, after: Int = 0) {
    self.source = source
    self.window = window
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
  }

  /// Elements from the first tap to the last, both included.
  var range: Int { (window - 1) * dilation + 1 }

  /// The outputs whose tap lies on the axis, and the element that the tap reads for output 0.
  @inline(__always) func outputs(_ tap: Int) -> (range: Range<Int>, offset: Int) {
    let offset = tap * dilation - before
    let first = offset < 0 ? (stride - 1 - offset) / stride : 0
    let last = source > offset ? min(output, (source - offset - 1) / stride + 1) : 0
    return (min(first, last)..<last, offset)
  }

  /// The taps of an output that lie on the axis, and the element that tap 0 reads.
  @inline(__always) func taps(_ output: Int) -> (range: Range<Int>, offset: Int) {
    let offset = output * stride - before
    let first = offset < 0 ? (dilation - 1 - offset) / dilation : 0
    let last = source > offset ? min(window, (source - offset - 1) / dilation + 1) : 0
    return (min(first, last)..<last, offset)
  }

  /// Whether some window reads nothing but padding.
  var hasBareWindow: Bool {
    guard output > 0 else { return false }
    if taps(0).range.isEmpty || taps(output - 1).range.isEmpty { return true }
    // Only an axis shorter than that fits between two taps.
    return source < dilation && (0..<output).contains { taps($0).range.isEmpty }
  }

  /// The shape rule of Conv and the pools.
  ///
  /// - Parameter ceiling: whether a last window counts that ends past the padding behind; windows
  ///   that begin there never do then.
  /// - Throws: `OperatorError.shapes` when not even one window fits.
  func sliding(_ padding: Window.Padding, ceiling: Bool = false) throws(OperatorError) -> Self {
    var axis = self
    switch padding {
    case .sameUpper, .sameLower:
      axis.output = (source + stride - 1) / stride
      let needed = max(0, (axis.output - 1) * stride + range - source)
      axis.before = padding == .sameUpper ? needed / 2 : needed - needed / 2
      axis.after = needed - axis.before
      return axis
    case .none:
      axis.before = 0
      axis.after = 0
    case .given: break
    }
    let room = source + axis.before + axis.after - range
    guard room >= 0 || ceiling && room > -stride else {
      throw .shapes(
        found: "a window over \(range) elements of an axis of \(source)",
        expected: "at most \(source + axis.before + axis.after), padding included")
    }
    axis.output = (ceiling ? room + stride - 1 : room) / stride + 1
    if ceiling && axis.output > 1 && (axis.output - 1) * stride >= source + axis.before {
      axis.output -= 1
    }
    return axis
  }

  /// The shape rule of ConvTranspose: the axis is the output of a sliding window whose input is
  /// `output`.
  ///
  /// - Parameters:
  ///   - extra: elements appended to the output (`output_padding`).
  ///   - wanted: the length of the output, where the node gives it (`output_shape`).
  /// - Throws: `OperatorError.shapes` when the padding takes more than there is.
  func spreading(
    _ padding: Window.Padding, extra: Int, wanted: Int?
  ) throws(OperatorError) -> Self {
    var axis = self
    let full = (source - 1) * stride + range + extra
    if wanted != nil || padding == .sameUpper || padding == .sameLower {
      axis.output = wanted ?? source * stride
      // What would be negative leaves the end of the output to the bias alone.
      let surplus = max(0, full - axis.output)
      axis.before = padding == .sameUpper ? surplus / 2 : surplus - surplus / 2
      axis.after = surplus - axis.before
      return axis
    }
    if padding == .none {
      axis.before = 0
      axis.after = 0
    }
    axis.output = source == 0 ? 0 : full - axis.before - axis.after
    guard axis.output >= 0 else {
      throw .shapes(
        found: "pads of \(axis.before + axis.after) on an output of \(full)",
        expected: "at most \(full)")
    }
    return axis
  }
}

extension [WindowAxis] {
  /// The elements of a plane, and of what becomes of it after each axis from the first to the last.
  ///
  /// - Throws: `OperatorError.tensor` when some are too many for an `Int`.
  func planeCounts() throws(OperatorError) -> [Int] {
    var lengths = map(\.source)
    var counts = [try Shape.of(lengths).count]
    for (i, axis) in enumerated() {
      lengths[i] = axis.output
      counts.append(try Shape.of(lengths).count)
    }
    return counts
  }
}
