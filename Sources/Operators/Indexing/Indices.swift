import Tensors

// Indices are floats with whole values: exact up to 2²⁴.

/// The place that an index names on an axis, counted from the end when negative; nil when it is no
/// whole number or outside.
@inline(__always)
func place(_ index: Float, on length: Int) -> Int? {
  guard index.magnitude < 0x1p62, index == index.rounded(.towardZero) else { return nil }
  let place = index < 0 ? Int(index) + length : Int(index)
  return place >= 0 && place < length ? place : nil
}

/// An index as it stands in a message.
private func text(_ index: Float) -> String {
  index.magnitude < 0x1p24 && index == index.rounded(.towardZero) ? "\(Int(index))" : "\(index)"
}

/// Sees to it that every index of a batch names a place.
///
/// - Parameter batched: whether axis 0 of the indices is the sample.
/// - Throws: `OperatorError.index` for the first that does not.
func check(_ indices: Tensor, on length: Int, batched: Bool) throws(OperatorError) {
  for i in 0..<indices.count where place(indices.base[i], on: length) == nil {
    throw .index(
      sample: batched ? i / max(1, indices.shape.rowCount) : nil, found: text(indices.base[i]),
      expected: length == 0
        ? "none, as the axis is empty" : "a whole number from \(-length) to \(length - 1)")
  }
}

/// The same for indices that are known before any data; those that are not pass.
func check(_ indices: Operand, on length: Int) throws(OperatorError) {
  for value in indices.constant ?? [] where place(Float(value), on: length) == nil {
    throw .index(
      sample: nil, found: text(Float(value)),
      expected: length == 0
        ? "none, as the axis is empty" : "a whole number from \(-length) to \(length - 1)")
  }
}
