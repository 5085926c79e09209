/// Elements at equal distances along each axis, in memory or in a file, in the order of these axes.
struct StridedElements: Sendable {
  /// Where they lie.
  enum Place: @unchecked Sendable {
    /// The element at index 0, …, 0 of the whole, and what keeps it alive.
    case memory(UnsafeRawPointer?, AnyObject?)
    /// A file, and the bytes of it that are elements.
    case file(StoredFile, bytes: Range<Int>)
  }

  let itemSize: Int
  private let place: Place
  /// Bytes to the first element: from the start of the file, or from the pointer.
  private let offset: Int
  /// The slowest axis first; there is at least one.
  private let lengths: [Int]
  private let strides: [Int]

  /// - Parameters:
  ///   - lengths: the slowest axis first.
  ///   - strides: bytes from one element to the next along each of them.
  init(place: Place, offset: Int, lengths: [Int], strides: [Int], itemSize: Int) {
    var kept: [(length: Int, stride: Int)] = []
    for (length, stride) in zip(lengths, strides) where length != 1 {
      // Two axes that go on at one pace are one.
      if let last = kept.last, length > 0, last.stride == stride * length {
        kept[kept.count - 1] = (last.length * length, stride)
      } else {
        kept.append((length, stride))
      }
    }
    if kept.isEmpty { kept = [(1, itemSize)] }
    self.place = place
    self.offset = offset
    self.itemSize = itemSize
    self.lengths = kept.map(\.length)
    self.strides = kept.map(\.stride)
  }

  /// Reads elements; `range` lies inside, and `target` has room for exactly them.
  func read(
    _ range: Range<Int>, into target: UnsafeMutableRawBufferPointer, file: String
  ) throws(NpyError) {
    guard let start = target.baseAddress, !range.isEmpty, itemSize > 0 else { return }
    let last = lengths.count - 1
    let isRun = strides[last] == itemSize
    var index = self.index(of: range.lowerBound)
    var source = try ElementWindow(place, isDense: isDense, isFalling: isFalling, for: file)
    var position = start
    var rest = range.count
    while rest > 0 {
      var from = offset
      for axis in lengths.indices { from += index[axis] * strides[axis] }
      let count = min(rest, lengths[last] - index[last])
      if isRun {
        try source.copy(from..<from + count * itemSize, to: position)
      } else {
        for step in 0..<count {
          let place = from + step * strides[last]
          try source.copy(place..<place + itemSize, to: position + step * itemSize)
        }
      }
      position += count * itemSize
      rest -= count
      index[last] += count
      var axis = last
      while axis > 0, index[axis] == lengths[axis] {
        index[axis] = 0
        axis -= 1
        index[axis] += 1
      }
    }
  }

  private func index(of element: Int) -> [Int] {
    var rest = element
    var index = [Int](repeating: 0, count: lengths.count)
    for axis in lengths.indices.reversed() {
      index[axis] = axis == 0 ? rest : rest % lengths[axis]
      rest /= max(1, lengths[axis])
    }
    return index
  }

  /// Whether so little lies between what is read that reading that too is cheaper than leaving it out.
  private var isDense: Bool {
    let last = lengths.count - 1
    let isRun = strides[last] == itemSize
    guard isRun else { return strides[last].magnitude <= Self.gap }
    guard last > 0 else { return false }
    return strides[last - 1].magnitude <= Self.gap + (lengths[last] * itemSize).magnitude
  }

  /// Whether what is read next lies before what was read last.
  private var isFalling: Bool {
    let last = lengths.count - 1
    guard strides[last] == itemSize else { return strides[last] < 0 }
    return last > 0 && strides[last - 1] < 0
  }

  private static let gap: UInt = 4096
}

/// A piece of a file that moves along with what is read of it; memory is its own window.
private struct ElementWindow {
  private let place: StridedElements.Place
  private let isDense: Bool
  private let isFalling: Bool
  private let memory: Memory?
  private var held = 0..<0

  private static let bytes = 1 << 17

  init(
    _ place: StridedElements.Place, isDense: Bool, isFalling: Bool, for file: String
  ) throws(NpyError) {
    self.place = place
    self.isDense = isDense
    self.isFalling = isFalling
    if case .file = place, isDense {
      memory = try Memory(Self.bytes, for: file)
    } else {
      memory = nil
    }
  }

  mutating func copy(_ wanted: Range<Int>, to target: UnsafeMutableRawPointer) throws(NpyError) {
    switch place {
    case .memory(let base, _):
      guard let base else { return }
      target.copyMemory(from: base + wanted.lowerBound, byteCount: wanted.count)
    case .file(let file, let all):
      guard let memory, wanted.count < Self.bytes else {
        return try file.read(
          at: wanted.lowerBound,
          into: UnsafeMutableRawBufferPointer(start: target, count: wanted.count))
      }
      if wanted.lowerBound < held.lowerBound || wanted.upperBound > held.upperBound {
        let next =
          isFalling
          ? max(all.lowerBound, wanted.upperBound - Self.bytes)..<wanted.upperBound
          : wanted.lowerBound..<min(all.upperBound, wanted.lowerBound + Self.bytes)
        held = 0..<0
        try file.read(
          at: next.lowerBound,
          into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<next.count]))
        held = next
      }
      guard let base = memory.bytes.baseAddress else { return }
      target.copyMemory(
        from: base + (wanted.lowerBound - held.lowerBound), byteCount: wanted.count)
    }
  }
}
