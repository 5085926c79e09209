import Npy

/// Floats in memory that an array borrows and keeps alive.
package final class FloatBlock: @unchecked Sendable {
  package let buffer: UnsafeMutableBufferPointer<Float>

  /// Room for as many zeros.
  package init(_ count: Int) {
    buffer = UnsafeMutableBufferPointer(start: .allocate(capacity: max(1, count)), count: count)
    buffer.initialize(repeating: 0)
  }

  /// A copy of some values.
  package convenience init(_ values: some Collection<Float>) {
    self.init(values.count)
    for (index, value) in values.enumerated() { buffer[index] = value }
  }

  /// The elements of an array.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  package convenience init(reading array: NpyArray) throws(RunError) {
    self.init(array.count)
    try bridging(array.read(rows: 0..<array.rows, into: buffer))
  }

  deinit { buffer.deallocate() }

  /// The floats as an array of a shape with as many elements.
  package func array(_ shape: [Int], name: String) throws(RunError) -> NpyArray {
    try bridging(
      NpyArray(
        borrowing: UnsafeRawPointer(buffer.baseAddress), type: .float32, shape: shape, owner: self,
        name: name))
  }
}
