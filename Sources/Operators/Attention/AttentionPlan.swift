import Tensors

/// The lengths of an attention node and where its heads lie.
struct AttentionPlan {
  /// The rows of one operand: batch × heads matrices of rows × width.
  struct Heads {
    let count: Int
    let rows: Int
    let width: Int
    /// Whether heads stand before the rows (four axes) or share each row (three).
    let apart: Bool

    /// Elements before the first row of a head.
    func start(_ sample: Int, _ head: Int) -> Int {
      apart
        ? (sample * count + head) * rows * width : (sample * rows * count + head) * width
    }

    /// Elements from one row to the next.
    var step: Int { apart ? width : count * width }
    var isPlain: Bool { step == width }
  }

  let output: Shape
  let batch: Int
  let query: Heads
  let key: Heads
  let value: Heads
  let result: Heads
  let isCausal: Bool
  let scale: Float
  let cap: Float
  /// Steps of the mask along batch, heads and queries, and how many keys it covers; the others are
  /// masked.
  let mask: (steps: [Int], keys: Int)?

  /// Query heads that share a head of keys.
  var shared: Int { query.count / max(1, key.count) }

  init(
    _ q: Shape, _ k: Shape, _ v: Shape, mask: Shape?, heads: (query: Int?, key: Int?),
    isCausal: Bool, scale: Double?, cap: Float
  ) throws(OperatorError) {
    let apart = q.rank == 4
    guard apart || q.rank == 3, k.rank == q.rank, v.rank == q.rank, k[0] == q[0], v[0] == q[0]
    else {
      throw .shapes(found: "Q \(q), K \(k), V \(v)", expected: "three or four axes, one batch")
    }
    query = try Self.heads(q, heads.query, "q_num_heads")
    key = try Self.heads(k, heads.key, "kv_num_heads")
    value = try Self.heads(v, heads.key, "kv_num_heads")
    guard query.width == key.width, key.rows == value.rows, key.count == value.count,
      key.count > 0 ? query.count > 0 && query.count % key.count == 0 : query.count == 0
    else {
      throw .shapes(
        found: "Q \(q), K \(k), V \(v) with \(query.count) and \(key.count) heads",
        expected: "heads of one size, as many keys as values, and whole groups of query heads")
    }
    batch = q[0]
    result = Heads(count: query.count, rows: query.rows, width: value.width, apart: apart)
    let (wide, overflow) = result.count.multipliedReportingOverflow(by: result.width)
    guard !overflow else { throw .tensor(.shape(q.dims)) }
    output = try Shape.of(
      apart ? [batch, result.count, result.rows, result.width] : [batch, result.rows, wide])
    self.isCausal = isCausal
    self.scale = Float(scale ?? 1 / Double(max(1, query.width)).squareRoot())
    self.cap = cap
    if let mask {
      self.mask = try Self.mask(mask, [q[0], query.count, query.rows, key.rows])
    } else {
      self.mask = nil
    }
  }

  private static func heads(
    _ shape: Shape, _ given: Int?, _ name: String
  ) throws(OperatorError) -> Heads {
    if shape.rank == 4 {
      guard given == nil || given == shape[1] else {
        throw .attribute(name, found: "\(given ?? 0)", expected: "\(shape[1]), as \(shape) has")
      }
      return Heads(count: shape[1], rows: shape[2], width: shape[3], apart: true)
    }
    guard let given else {
      throw .attribute(name, found: "missing", expected: "the heads of \(shape)")
    }
    guard shape[2] % given == 0 else {
      throw .attribute(name, found: "\(given)", expected: "a divisor of \(shape[2])")
    }
    return Heads(count: given, rows: shape[1], width: shape[2] / given, apart: false)
  }

  private static func mask(
    _ shape: Shape, _ full: [Int]
  ) throws(OperatorError) -> (steps: [Int], keys: Int) {
    let missing = 4 - shape.rank
    let keys = shape.dims.last ?? 0
    guard shape.rank > 0, missing >= 0, keys <= full[3],
      shape.dims.indices.dropLast().allSatisfy({ shape[$0] == 1 || shape[$0] == full[$0 + missing] }
      )
    else {
      throw .shapes(found: "a mask of \(shape)", expected: "one that broadcasts to \(full)")
    }
    var steps = [Int](repeating: 0, count: 3)
    for (axis, step) in shape.steps.enumerated().dropLast() where shape[axis] != 1 {
      steps[axis + missing] = step
    }
    return (steps, keys)
  }
}
