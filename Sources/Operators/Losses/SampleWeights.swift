import Tensors

extension Loss {
  /// The sum of the terms with those of each sample multiplied by its weight; gradients likewise.
  ///
  /// Neighbours of one weight are evaluated together. Every term must belong to one sample.
  ///
  /// - Throws: `OperatorError.target` when a target is none that the loss knows.
  public func evaluate(
    _ step: LossStep, sampleWeights: Tensor?
  ) throws(OperatorError) -> Double {
    guard let sampleWeights else { return try evaluate(step) }
    let rows = sampleWeights.count
    var total = 0.0
    var start = 0
    while start < rows {
      let weight = sampleWeights.base[start]
      var end = start + 1
      while end < rows && sampleWeights.base[end] == weight { end += 1 }
      do throws(OperatorError) {
        let piece = try step.rows(start..<end, of: rows, scale: step.scale * weight)
        total += Double(weight) * (try evaluate(piece))
      } catch { throw error.shifted(by: start) }
      start = end
    }
    return total
  }

  /// What a mean over weighted samples divides by: the normalizer of each sample times its weight.
  ///
  /// - Throws: `OperatorError.shapes` when there are no rows to cut.
  public func normalizer(
    prediction: Shape, target: Tensor, weights: Tensor?, sampleWeights: Tensor
  ) throws(OperatorError) -> Double {
    let rows = sampleWeights.count
    var total = 0.0
    for row in 0..<rows {
      let one = row..<(row + 1)
      total +=
        Double(sampleWeights.base[row])
        * normalizer(
          prediction: try prediction.rows(1, of: rows), target: try target.rows(one, of: rows),
          weights: weights)
    }
    return total
  }
}

extension LossStep {
  /// Those rows of every tensor that has samples along axis 0.
  fileprivate func rows(
    _ range: Range<Int>, of rows: Int, scale: Float
  ) throws(OperatorError) -> LossStep {
    func cut(_ tensor: Tensor?) throws(OperatorError) -> Tensor? {
      guard let tensor else { return nil }
      return try tensor.rows(range, of: rows)
    }
    var beside: [Other] = []
    for other in others {
      beside.append(
        Other(
          try other.value.rows(range, of: rows), gradient: try cut(other.gradient),
          adding: other.adding))
    }
    return LossStep(
      prediction: try prediction.rows(range, of: rows), target: try target.rows(range, of: rows),
      weights: weights, others: beside, scale: scale, gradient: try cut(gradient), adding: adding)
  }
}

extension Tensor {
  /// Some rows; the whole tensor when it has no samples along axis 0.
  fileprivate func rows(_ range: Range<Int>, of rows: Int) throws(OperatorError) -> Tensor {
    guard shape.rank > 0, shape[0] == rows else { return self }
    return Tensor(
      base + range.lowerBound * shape.rowCount, try shape.rows(range.count, of: rows))
  }
}

extension Shape {
  /// The shape of so many rows.
  fileprivate func rows(_ count: Int, of rows: Int) throws(OperatorError) -> Shape {
    guard rank > 0, self[0] == rows, count != rows else { return self }
    do throws(TensorError) { return try Shape([count] + dims.dropFirst()) } catch {
      throw .tensor(error)
    }
  }
}

extension OperatorError {
  /// The same with the number of a sample counted from further ahead.
  public func shifted(by rows: Int) -> OperatorError {
    switch self {
    case .target(let sample, let found, let expected):
      .target(sample: sample + rows, found: found, expected: expected)
    case .index(let sample?, let found, let expected):
      .index(sample: sample + rows, found: found, expected: expected)
    case .node(let name, let op, let error): .node(name, op: op, error.shifted(by: rows))
    default: self
    }
  }
}
