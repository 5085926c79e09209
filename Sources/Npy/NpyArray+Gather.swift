extension NpyArray {
  /// Elements that are brought into C order at a time, so that both sides stay in the cache.
  private static let gatherLimit = 1 << 16

  /// Brings rows into C order, some at a time, and hands them on.
  func gather(
    rows: Range<Int>, from base: UnsafeRawPointer,
    body: (UnsafeRawPointer, Int, Int) throws(NpyError) -> Void
  ) throws(NpyError) {
    let width = rowLength
    let step = max(1, Self.gatherLimit / width)
    let size = elementType.itemSize
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(step, rows.count) * width * size, alignment: 16)
    defer { scratch.deallocate() }
    guard let target = scratch.baseAddress else { return }
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: step) {
      let last = min(first + step, rows.upperBound)
      gather(first..<last, from: base + first * byteStrides[0], to: target)
      try body(UnsafeRawPointer(target), (first - rows.lowerBound) * width, (last - first) * width)
    }
  }

  private func gather(
    _ rows: Range<Int>, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    var lengths = shape
    lengths[0] = rows.count
    copy(lengths, byteStrides, from: source, to: target)
  }

  /// Copies elements of this array's type from anywhere into C order.
  func copy(
    _ lengths: [Int], _ strides: [Int], from source: UnsafeRawPointer,
    to target: UnsafeMutableRawPointer
  ) {
    let plan = GatherPlan(
      lengths: lengths, sourceStrides: strides, itemSize: elementType.itemSize)
    switch elementType.itemSize {
    case 1: plan.run(UInt8.self, from: source, to: target)
    case 2: plan.run(UInt16.self, from: source, to: target)
    case 4: plan.run(UInt32.self, from: source, to: target)
    default: plan.run(UInt64.self, from: source, to: target)
    }
  }
}

/// A copy from strided memory into C order.
///
/// Two dimensions are walked in square tiles: the last one, which is contiguous in the target, and
/// the one with the shortest step in the source. A cache line that was fetched for one element is
/// then still there for its neighbours. All other dimensions are walked one index at a time.
struct GatherPlan {
  private var outer: [(length: Int, source: Int, target: Int)] = []
  private var near = (length: 1, source: 0, target: 0)
  private var last = (length: 1, source: 0, target: 0)
  private static let tile = 64

  init(lengths: [Int], sourceStrides: [Int], itemSize: Int) {
    let targets = NpyArray.strides(of: lengths, itemSize: itemSize, fortranOrder: false)
    let axes = lengths.indices.filter { lengths[$0] > 1 }
    guard let final = axes.last else { return }
    let nearest = axes.min { sourceStrides[$0].magnitude < sourceStrides[$1].magnitude } ?? final
    for axis in axes {
      let step = (length: lengths[axis], source: sourceStrides[axis], target: targets[axis])
      if axis == final {
        last = step
      } else if axis == nearest {
        near = step
      } else {
        outer.append(step)
      }
    }
  }

  /// Copies elements of the size of `Word`.
  func run<Word: FixedWidthInteger>(
    _ word: Word.Type, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    var index = [Int](repeating: 0, count: outer.count)
    var from = source
    var to = target
    while true {
      tiles(word, from: from, to: to)
      var axis = outer.count - 1
      while axis >= 0 {
        let step = outer[axis]
        index[axis] += 1
        from += step.source
        to += step.target
        if index[axis] < step.length { break }
        from -= step.source * step.length
        to -= step.target * step.length
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  private func tiles<Word: FixedWidthInteger>(
    _ word: Word.Type, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
  ) {
    for nearStart in stride(from: 0, to: near.length, by: Self.tile) {
      let nearEnd = min(nearStart + Self.tile, near.length)
      for lastStart in stride(from: 0, to: last.length, by: Self.tile) {
        let lastEnd = min(lastStart + Self.tile, last.length)
        for i in nearStart..<nearEnd {
          let from = source + i * near.source
          let to = target + i * near.target
          for j in lastStart..<lastEnd {
            let value = from.loadUnaligned(fromByteOffset: j * last.source, as: Word.self)
            to.storeBytes(of: value, toByteOffset: j * last.target, as: Word.self)
          }
        }
      }
    }
  }
}
