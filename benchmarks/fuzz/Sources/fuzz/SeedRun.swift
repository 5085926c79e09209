import CEngine
import Engine
import Runs

/// A run in memory that a text of JSON alone makes, with a `SeedArray` for every path in it.
enum SeedRun {
  private static let countLimit = 256

  /// Opens the run of a text, and frees it after its use.
  static func use(_ input: UnsafeRawBufferPointer, _ body: (OpaquePointer) -> Void) {
    var paths: Set<String> = []
    if let value = try? JSONValue(parsing: String(decoding: input, as: UTF8.self)) {
      collect(value, into: &paths)
    }
    let arrays = paths.sorted().prefix(countLimit).compactMap(SeedArray.init)
    borrowing(arrays[...], []) { entries in
      let run = Calls.make { out, options in
        defib_run_create_with(
          input.baseAddress?.assumingMemoryBound(to: CChar.self), input.count,
          entries, entries.count, &options, out)
      }
      guard let run else { return }
      defer { defib_run_free(run) }
      body(run)
    }
  }

  private static func collect(_ value: JSONValue, into paths: inout Set<String>) {
    switch value {
    case .string(let text) where text.hasSuffix(".npy"): paths.insert(text)
    case .array(let values): for value in values { collect(value, into: &paths) }
    case .object(let members): for value in members.values { collect(value, into: &paths) }
    default: break
    }
  }

  /// Lends arrays one after the other, and calls with all of them.
  private static func borrowing(
    _ arrays: ArraySlice<SeedArray>, _ lent: [defib_array], _ body: ([defib_array]) -> Void
  ) {
    guard let array = arrays.first else { return body(lent) }
    array.path.withUnsafeBufferPointer { path in
      array.type.withUnsafeBufferPointer { type in
        array.shape.withUnsafeBufferPointer { shape in
          array.bytes.withUnsafeBytes { bytes in
            var entry = defib_array()
            entry.size = MemoryLayout<defib_array>.size
            entry.path = path.baseAddress
            entry.data = bytes.baseAddress
            entry.dtype = type.baseAddress
            entry.ndim = shape.count
            entry.shape = shape.baseAddress
            borrowing(arrays.dropFirst(), lent + [entry], body)
          }
        }
      }
    }
  }
}
