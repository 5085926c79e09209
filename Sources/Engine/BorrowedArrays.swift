import CEngine
import Npy

/// Reads the arrays of a run that lives in the caller's memory.
enum BorrowedArrays {
  /// More arrays than any model has.
  private static let countLimit = 1 << 20
  private static let dimensionLimit = 64

  static func read(
    _ arrays: UnsafePointer<defib_array>?, _ count: Int
  ) throws(Failure) -> [String: NpyArray] {
    guard (0...countLimit).contains(count) else {
      throw .argument(
        "count", found: "\(UInt(bitPattern: count))", expected: "at most \(countLimit) arrays")
    }
    guard count > 0 else { return [:] }
    guard let arrays else {
      throw .argument("arrays", found: "NULL", expected: "\(count) arrays")
    }
    // The caller's idea of the structure's size is also the distance from one to the next.
    let start = UnsafeRawPointer(arrays)
    let step = try Arguments.size(start, "arrays[0]")
    var result: [String: NpyArray] = [:]
    for index in 0..<count {
      let name = "arrays[\(index)]"
      let entry = start + index * step
      guard try Arguments.size(entry, name) == step else {
        throw .argument("\(name).size", found: "another size", expected: "\(step), as before")
      }
      let array = try Arguments.structure(
        entry.assumingMemoryBound(to: defib_array.self), defib_array(), name)
      let path = try Arguments.text(array.path, "\(name).path")
      guard result.updateValue(try view(array, name, path), forKey: path) == nil else {
        throw .argument(
          "\(name).path", found: "\"\(path)\" a second time", expected: "a path of its own")
      }
    }
    return result
  }

  private static func view(
    _ array: defib_array, _ name: String, _ path: String
  ) throws(Failure) -> NpyArray {
    guard (0...dimensionLimit).contains(array.ndim) else {
      throw .argument(
        "\(name).ndim", found: "\(UInt(bitPattern: array.ndim))",
        expected: "at most \(dimensionLimit)")
    }
    guard array.ndim == 0 || array.shape != nil else {
      throw .argument("\(name).shape", found: "NULL", expected: "\(array.ndim) lengths")
    }
    let shape = UnsafeBufferPointer(start: array.shape, count: array.ndim).map { Int($0) }
    let strides = array.strides.map { strides in
      UnsafeBufferPointer(start: strides, count: array.ndim).map { Int($0) }
    }
    let type = try Arguments.text(array.dtype, "\(name).dtype")
    do throws(NpyError) {
      return try NpyArray(
        borrowing: array.data, typeString: type, shape: shape, byteStrides: strides, name: path)
    } catch {
      throw Failure(
        status: defib_status(DEFIB_INVALID_ARGUMENT), message: "\(name): \(error.description)")
    }
  }
}
