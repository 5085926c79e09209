import Npy

/// Floats in memory that an array borrows and keeps alive.
package final class FloatBlock: @unchecked Sendable {
  package let buffer: UnsafeMutableBufferPointer<Float>

  /// Room for as many zeros.
  package init(_ count: Int) {
    buffer = .allocate(capacity: max(1, count))
    buffer.initialize(repeating: 0)
  }

  /// A copy of some values.
  package convenience init(_ values: some Collection<Float>) {
    self.init(values.count)
    for (index, value) in values.enumerated() { buffer[index] = value }
  }

  deinit { buffer.deallocate() }

  /// The floats as an array of a shape with as many elements.
  package func array(_ shape: [Int], name: String) throws(RunError) -> NpyArray {
    do throws(NpyError) {
      return try NpyArray(
        borrowing: UnsafeRawPointer(buffer.baseAddress), type: .float32, shape: shape, owner: self,
        name: name)
    } catch { throw .npy(error) }
  }
}
