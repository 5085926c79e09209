import Tensors

/// A tensor of samples × channels × places, walked channel by channel. Where every channel has one
/// place a sample, and in blocks of channels, sixteen channels go side by side.
struct ChannelView {
  let samples: Int
  let channels: Int
  let places: Int
  /// Whether sixteen channels go side by side.
  let isWide: Bool

  /// Up to sixteen channels that are walked together.
  struct Block {
    let first: Int
    let count: Int
  }

  /// The view of a shape with at least two axes.
  init(_ shape: Shape, _ order: TensorOrder = .rows) {
    samples = shape[0]
    channels = shape[1]
    places = shape.around(1).inner
    isWide = places == 1 || order == .channelBlocks
  }

  /// How many elements a channel has.
  var size: Int { samples * places }

  /// Calls `body` for all channels.
  @inline(__always)
  func forEachBlock(_ body: (Block) -> Void) {
    let width = isWide ? 16 : 1
    for first in stride(from: 0, to: channels, by: width) {
      body(Block(first: first, count: min(width, channels - first)))
    }
  }

  /// A value for every channel, in the lanes that meet the elements of a block.
  @inline(__always)
  func lanes(_ values: UnsafeMutablePointer<Float>, _ block: Block) -> Vector {
    isWide
      ? values.vector(Lanes(start: block.first, count: block.count))
      : Vector(repeating: values[block.first])
  }

  /// Calls `body` for all elements of a block: the offset of a row, and lanes in it.
  @inline(__always)
  func forEachElement(_ block: Block, _ body: (Int, Lanes) -> Void) {
    if isWide {
      let lanes = Lanes(start: 0, count: block.count)
      for sample in 0..<samples {
        let row = (sample * channels + block.first) * places
        for place in 0..<places { body(row + place * TensorOrder.channels, lanes) }
      }
    } else {
      for sample in 0..<samples {
        let row = (sample * channels + block.first) * places
        forEachVector(places) { body(row, $0) }
      }
    }
  }

  /// Sums two terms over the elements of each channel of a block, 64 vectors at a time in float and
  /// beyond in double. The sums of a block of one channel are in lane 0.
  @inline(__always)
  func sums(
    _ block: Block, _ terms: (Int, Lanes) -> (Vector, Vector)
  ) -> (SIMD16<Double>, SIMD16<Double>) {
    var totals = (SIMD16<Double>.zero, SIMD16<Double>.zero)
    var sums = (Vector.zero, Vector.zero)
    var pending = 0
    func flush() {
      if isWide {
        totals.0 += SIMD16<Double>(sums.0)
        totals.1 += SIMD16<Double>(sums.1)
      } else {
        totals.0[0] += Double(sums.0.total)
        totals.1[0] += Double(sums.1.total)
      }
      sums = (.zero, .zero)
      pending = 0
    }
    forEachElement(block) { row, lanes in
      let (first, second) = terms(row, lanes)
      if lanes.count == 16 {
        sums.0 += first
        sums.1 += second
      } else {
        sums.0 += first.replacing(with: 0, where: .!lanes.mask)
        sums.1 += second.replacing(with: 0, where: .!lanes.mask)
      }
      pending += 1
      if pending == 64 { flush() }
    }
    flush()
    return totals
  }
}
