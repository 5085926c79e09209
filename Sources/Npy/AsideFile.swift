import Glibc
import Synchronization

/// A file that is written beside its place and takes it, by a rename, when it is complete.
///
/// A reader therefore sees the old file or the whole new one, never a part.
final class AsideFile {
  let path: String
  private let aside: String
  private let target: SystemFile
  private var isCommitted = false

  private static let counter = Atomic<Int>(0)

  init(path: String) throws(NpyError) {
    self.path = path
    let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
    aside = "\(path).\(getpid())-\(number).partial"
    do {
      target = try SystemFile(creating: aside)
    } catch {
      guard case .cannotOpen(_, let reason) = error else { throw error }
      throw .cannotOpen(file: path, reason: reason)
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(NpyError) {
    try target.write(bytes)
  }

  func write(_ bytes: [UInt8]) throws(NpyError) {
    try bytes.withUnsafeBufferPointer { (bytes) throws(NpyError) in
      try target.write(UnsafeRawBufferPointer(bytes))
    }
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(NpyError) {
    try target.write(bytes, at: offset)
  }

  func commit() throws(NpyError) {
    guard rename(aside, path) == 0 else {
      throw .system(file: path, operation: "take its place", reason: SystemFile.reason())
    }
    isCommitted = true
  }

  deinit {
    if !isCommitted { _ = unlink(aside) }
  }
}
