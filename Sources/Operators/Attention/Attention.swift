import Tensors

/// Scaled dot-product attention of several heads, fused, as ONNX has it from opset 23 on. Query
/// heads may share the keys and values of fewer heads.
///
/// The mask is added to the scores: a boolean one becomes `Where(mask, 0, −inf)` first. A query that
/// may look nowhere gets zeros. Caches of past keys and values have no place in a replay.
struct Attention: Operator {
  static let info = OperatorInfo(
    name: "Attention", summary: "Scaled dot-product attention of several heads.",
    formula: "Y = softmax(cap · tanh(scale · Q Kᵀ / cap) + mask) V", inputs: 3...7,
    attributes: [
      AttributeInfo("is_causal", default: "0", "1: a query looks at no key after its own place"),
      AttributeInfo("kv_num_heads", default: "of K's shape", "heads of K and V of three axes"),
      AttributeInfo("q_num_heads", default: "of Q's shape", "heads of Q of three axes"),
      AttributeInfo("qk_matmul_output_mode", default: "0", "of an output that is not made"),
      AttributeInfo("scale", default: "1 / √ head size", "factor of the scores"),
      AttributeInfo("softcap", default: "0", "bound of the scores; 0: none"),
      AttributeInfo("softmax_precision", default: "1", "accepted; all is float32"),
    ],
    facts: [.takesMinusInfinity, .forgetsOutputs],
    samples: [
      GradientSample([[2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 3]]),
      GradientSample(
        [[2, 3, 4], [2, 5, 4], [2, 5, 6]],
        attributes: ["q_num_heads": .int(2), "kv_num_heads": .int(2)]),
      GradientSample(
        [[2, 3, 8], [2, 5, 4], [2, 5, 2], [3, 5]],
        attributes: ["q_num_heads": .int(4), "kv_num_heads": .int(2), "scale": .float(0.7)]),
      GradientSample(
        [[2, 2, 4, 3], [2, 1, 4, 3], [2, 1, 4, 3]],
        attributes: ["is_causal": .int(1), "softcap": .float(1.5)]),
      GradientSample([[2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 3], [2, 1, 3, 5]]),
      GradientSample([[2, 2, 3, 4], [2, 2, 5, 4], [2, 2, 5, 3], [2, 3, 4]]),
      GradientSample([[0, 2, 3, 4], [0, 2, 5, 4], [0, 2, 5, 3]]),
      GradientSample([[2, 2, 3, 4], [2, 2, 0, 4], [2, 2, 0, 3]]),
    ])

  private let isCausal: Bool
  private let heads: (query: Int?, key: Int?)
  private let scale: Double?
  private let cap: Double

  init(_ attributes: Attributes) throws(OperatorError) {
    func count(_ name: String) throws(OperatorError) -> Int? {
      guard attributes.has(name) else { return nil }
      let value = try attributes.int(name, default: 1)
      guard value > 0 else {
        throw .attribute(name, found: "\(value)", expected: "a positive number")
      }
      return value
    }
    isCausal = try attributes.flag("is_causal", default: false)
    heads = (try count("q_num_heads"), try count("kv_num_heads"))
    scale = attributes.has("scale") ? try attributes.float("scale", default: 1) : nil
    cap = try attributes.float("softcap", default: 0)
    guard cap >= 0 else {
      throw .attribute("softcap", found: "\(cap)", expected: "0 or a positive number")
    }
    _ = try attributes.int("qk_matmul_output_mode", default: 0)
    _ = try attributes.int("softmax_precision", default: 1)
  }

  private func plan(_ inputs: [Operand?]) throws(OperatorError) -> AttentionPlan {
    for (index, name) in [4: "past_key", 5: "past_value", 6: "nonpad_kv_seqlen"].sorted(by: {
      $0.key < $1.key
    }) where inputs.optional(index) != nil {
      throw .shapes(
        found: "an input \(name)", expected: "none, as a replay has no cache of past steps")
    }
    return try AttentionPlan(
      try inputs.required(0).shape, try inputs.required(1).shape, try inputs.required(2).shape,
      mask: inputs.optional(3)?.shape, heads: heads, isCausal: isCausal, scale: scale,
      cap: Float(cap))
  }

  func outputShapes(_ inputs: [Operand?]) throws(OperatorError) -> [Shape] {
    [try plan(inputs).output]
  }

  func makeKernel(_ inputs: [Operand?], _ outputs: [Shape]) throws(OperatorError) -> any Kernel {
    try AttentionKernel(try plan(inputs))
  }

  /// Those of the scores, and those of the weighted sums of values.
  func products(_ inputs: [Operand?], _ outputs: [Shape]) -> Double {
    guard let it = try? plan(inputs) else { return 0 }
    let scores = [it.batch, it.query.count, it.query.rows, it.key.rows]
    return scores.reduce(1) { $0 * Double($1) } * Double(it.key.width + it.value.width)
  }

  func unitAxis(_ inputs: [Operand?], _ axes: [Int?], _ output: Shape) -> Int? { output.rank - 1 }

  func keepsSamples(_ inputs: [Operand?], _ outputs: [Shape]) -> Bool {
    guard inputs.prefix(3).allSatisfy({ $0?.batched == true }) else { return false }
    guard let mask = inputs.optional(3) else { return true }
    let leads = mask.shape.rank == 4
    if mask.batched { return leads && mask.shape[0] == outputs.first?[0] }
    return !leads || mask.shape[0] == 1
  }
}
