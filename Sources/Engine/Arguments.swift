import CEngine
import Runs

/// Reads texts that callers pass.
enum Arguments {
  /// The largest text that is accepted, as for a run.json on disk.
  static let textLimit = Run.documentLimit
  /// More than the vitals of any network.
  static let byteLimit = 1 << 40
  /// No structure of this interface is ever larger; anything beyond is a size that nobody set.
  static let structLimit = 4096

  /// A text that ends with a 0.
  static func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws(Failure) -> String {
    guard let pointer else { throw .argument(name, found: "NULL", expected: "a text") }
    guard let text = String(validatingCString: pointer) else {
      throw .argument(name, found: "bytes that are no UTF-8", expected: "a text in UTF-8")
    }
    return text
  }

  /// A text of so many bytes.
  static func text(
    _ pointer: UnsafePointer<CChar>?, size: Int, _ name: String
  ) throws(Failure) -> String {
    guard let pointer else { throw .argument(name, found: "NULL", expected: "a text") }
    guard (0...textLimit).contains(size) else {
      throw .argument(
        "\(name)_size", found: "\(UInt(bitPattern: size))", expected: "at most \(textLimit) bytes")
    }
    let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .argument(name, found: "bytes that are no UTF-8", expected: "a text in UTF-8")
    }
    return text
  }

  /// A copy of so many bytes.
  static func bytes(
    _ pointer: UnsafeRawPointer?, size: Int, _ name: String
  ) throws(Failure) -> [UInt8] {
    guard let pointer else { throw .argument(name, found: "NULL", expected: "bytes") }
    guard (0...byteLimit).contains(size) else {
      throw .argument(
        "\(name)_size", found: "\(UInt(bitPattern: size))", expected: "at most \(byteLimit) bytes")
    }
    return Array(UnsafeRawBufferPointer(start: pointer, count: size))
  }

  /// A structure that begins with its size, as the caller knows it: what that lacks is zero, what
  /// this library does not know is left out.
  static func structure<Value>(
    _ pointer: UnsafePointer<Value>, _ zero: Value, _ name: String
  ) throws(Failure) -> Value {
    let size = try size(UnsafeRawPointer(pointer), name)
    var value = zero
    withUnsafeMutableBytes(of: &value) { bytes in
      bytes.copyMemory(
        from: UnsafeRawBufferPointer(start: pointer, count: min(size, bytes.count)))
    }
    return value
  }

  /// Where the caller wants an array described: as many bytes as it knows, zero but for the size at the
  /// head, which stays as the caller has set it.
  static func place(
    _ array: UnsafeMutablePointer<defib_array>?
  ) throws(Failure) -> UnsafeMutableRawBufferPointer {
    guard let array else { throw .argument("array", found: "NULL", expected: "a place") }
    let size = min(try size(UnsafeRawPointer(array), "array"), MemoryLayout<defib_array>.size)
    let place = UnsafeMutableRawBufferPointer(start: array, count: size)
    for byte in MemoryLayout<Int>.size..<size { place[byte] = 0 }
    return place
  }

  /// The size at the head of a structure.
  static func size(_ pointer: UnsafeRawPointer, _ name: String) throws(Failure) -> Int {
    let size = pointer.loadUnaligned(as: Int.self)
    // All fields end at multiples of 8, so none can be there by half.
    guard (8...structLimit).contains(size), size % 8 == 0 else {
      throw .argument(
        "\(name).size", found: "\(UInt(bitPattern: size))", expected: "the size of the structure")
    }
    return size
  }
}
