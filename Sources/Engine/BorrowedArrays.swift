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
    var windows: [String: Windows] = [:]
    for index in 0..<count {
      let name = "arrays[\(index)]"
      let entry = start + index * step
      guard try Arguments.size(entry, name) == step else {
        throw .argument("\(name).size", found: "another size", expected: "\(step), as before")
      }
      let array = try Arguments.structure(
        entry.assumingMemoryBound(to: defib_array.self), defib_array(), name)
      let path = try Arguments.text(array.path, "\(name).path")
      let isWindow = array.total_rows != 0
      guard result[path] == nil, isWindow || windows[path] == nil else {
        throw .argument(
          "\(name).path", found: "\"\(path)\" a second time", expected: "a path of its own")
      }
      if isWindow {
        try windows[path, default: Windows(rows: array.total_rows)].add(
          array, try view(array, name, path), name)
      } else {
        result[path] =
          array.data == nil && array.read != nil
          ? try fetched(array, name, path) : try view(array, name, path)
      }
    }
    for (path, parts) in windows {
      do throws(NpyError) {
        result[path] = try NpyArray(windows: parts.all, rows: Int(parts.rows), name: path)
      } catch {
        throw Failure(
          status: defib_status(DEFIB_INVALID_ARGUMENT), message: "arrays: \(error.description)")
      }
    }
    return result
  }

  /// One array in memory, and its path.
  static func readOne(
    _ pointer: UnsafePointer<defib_array>
  ) throws(Failure) -> (path: String, array: NpyArray) {
    let array = try Arguments.structure(pointer, defib_array(), "array")
    let path = try Arguments.text(array.path, "array.path")
    guard array.read == nil, array.total_rows == 0 else {
      throw .argument("array", found: "rows elsewhere", expected: "an array in memory")
    }
    return (path, try view(array, "array", path))
  }

  /// Parts of one array.
  private struct Windows {
    let rows: Int64
    private(set) var all: [(start: Int, array: NpyArray)] = []

    init(rows: Int64) { self.rows = rows }

    mutating func add(
      _ entry: defib_array, _ view: NpyArray, _ name: String
    ) throws(Failure) {
      guard entry.total_rows > 0, entry.total_rows == rows else {
        throw .argument(
          "\(name).total_rows", found: "\(entry.total_rows)", expected: "\(max(1, rows)) rows")
      }
      guard (0...rows).contains(entry.first_row) else {
        throw .argument(
          "\(name).first_row", found: "\(entry.first_row)", expected: "0 to \(rows)")
      }
      all.append((Int(entry.first_row), view))
    }
  }

  /// An array whose rows the caller brings.
  private static func fetched(
    _ array: defib_array, _ name: String, _ path: String
  ) throws(Failure) -> NpyArray {
    let shape = try shape(of: array, name)
    guard let read = array.read else {
      throw .argument("\(name).read", found: "NULL", expected: "a function")
    }
    let reader = Reader(read: read, context: array.context)
    do throws(NpyError) {
      return try NpyArray(shape: shape, name: path) { (places, buffer) throws(NpyError) in
        guard reader.fill(places, buffer) else {
          throw .system(
            file: path, operation: "be read", reason: "its owner does not give \(places.count) rows"
          )
        }
      }
    } catch {
      throw Failure(
        status: defib_status(DEFIB_INVALID_ARGUMENT), message: "\(name): \(error.description)")
    }
  }

  /// A caller's function, which it lets any thread call.
  private struct Reader: @unchecked Sendable {
    let read: defib_read
    let context: UnsafeMutableRawPointer?

    func fill(_ places: [Int], _ buffer: UnsafeMutableBufferPointer<Float>) -> Bool {
      guard let target = buffer.baseAddress else { return true }
      return places.map { Int64($0) }.withUnsafeBufferPointer { rows in
        rows.baseAddress.map { read(context, $0, rows.count, target) == 0 } ?? true
      }
    }
  }

  private static func view(
    _ array: defib_array, _ name: String, _ path: String
  ) throws(Failure) -> NpyArray {
    let shape = try shape(of: array, name)
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

  private static func shape(of array: defib_array, _ name: String) throws(Failure) -> [Int] {
    guard (0...dimensionLimit).contains(array.ndim) else {
      throw .argument(
        "\(name).ndim", found: "\(UInt(bitPattern: array.ndim))",
        expected: "at most \(dimensionLimit)")
    }
    guard array.ndim == 0 || array.shape != nil else {
      throw .argument("\(name).shape", found: "NULL", expected: "\(array.ndim) lengths")
    }
    return UnsafeBufferPointer(start: array.shape, count: array.ndim).map { Int($0) }
  }
}
