import Tensors

/// A small deterministic source of numbers (SplitMix64), so that every failure repeats.
struct Numbers: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float.random(in: -2...2, using: &self) }
  }
}

/// Runs `body` over tensors of the same length: the given values, and a result of NaNs between two
/// fences that must stay.
func withTensors(
  _ inputs: [[Float]], count: Int, _ body: ([Tensor], Tensor) throws -> Void
) throws -> [Float] {
  let fence: Float = -77
  let arena = try Arena(
    bytes: inputs.reduce(Arena.bytes(count + 2)) { $0 + Arena.bytes($1.count) })
  let tensors = try inputs.map { values in
    let tensor = try arena.tensor(Shape([values.count]))
    for (i, value) in values.enumerated() { tensor.base[i] = value }
    return tensor
  }
  let whole = try arena.tensor(Shape([count + 2]))
  whole.fill(.nan)
  whole.base[0] = fence
  whole.base[count + 1] = fence
  try body(tensors, Tensor(whole.base + 1, Shape([count])))
  guard whole.base[0] == fence, whole.base[count + 1] == fence else { throw Overrun() }
  return Array(UnsafeBufferPointer(start: whole.base + 1, count: count))
}

/// A kernel wrote past its tensor.
struct Overrun: Error {}
