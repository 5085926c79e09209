import Glibc
import Synchronization

/// A regular file that is read piece by piece, never mapped: a mapped file that somebody shortens
/// ends the process of its reader, while a read that finds less is an error like any other.
///
/// Reads may come from any thread. A file that is written to, shortened or replaced after it has been
/// opened is found out by the next read.
final class StoredFile: Sendable {
  /// The name used in errors.
  let file: String
  /// Bytes when it was opened.
  let size: Int
  /// Where it is opened again, whatever the working directory is by then; nil for a file without a
  /// name, which stays open.
  private let place: String?
  /// What it was when it was opened.
  let stamp: FileStamp
  private let held: Mutex<OpenFile?>

  /// Opens a regular file.
  ///
  /// - Throws: `NpyError` when it cannot be opened, or is something else.
  convenience init(path: String) throws(NpyError) {
    try self.init(SystemFile(reading: path), place: Self.absolute(path))
  }

  /// Takes a file without a name.
  convenience init(anonymous source: consuming SystemFile) throws(NpyError) {
    try self.init(source, place: nil)
  }

  private init(_ source: consuming SystemFile, place: String?) throws(NpyError) {
    stamp = try source.stamp()
    file = source.file
    size = stamp.size
    self.place = place
    let open = OpenFile(source)
    held = Mutex(place == nil || Slots.take() ? open : nil)
  }

  deinit { letGo() }

  /// Reads bytes from an offset on.
  ///
  /// - Throws: `NpyError.changed` when the file is no longer what it was, `NpyError.system` when it
  ///   cannot be read.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(NpyError) {
    let open = try descriptor()
    var done = 0
    while let base = target.baseAddress, done < target.count {
      let count = pread(
        open.source.descriptor, base + done, target.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw .system(file: file, operation: "be read", reason: SystemFile.reason())
      }
      if count == 0 {
        throw .changed(file: file, had: size, has: try open.source.stamp().size)
      }
      done += count
    }
    try check(open)
  }

  /// Reads a range into memory of its own.
  func load(_ range: Range<Int>) throws(NpyError) -> Memory {
    let memory = try Memory(range.count, for: file)
    try read(at: range.lowerBound, into: memory.bytes)
    return memory
  }

  /// Closes the file until somebody reads it again.
  func rest() {
    if place != nil { letGo() }
  }

  private func letGo() {
    let had = held.withLock { held in
      defer { held = nil }
      return held != nil
    }
    if had && place != nil { Slots.give() }
  }

  private func descriptor() throws(NpyError) -> OpenFile {
    if let open = held.withLock({ $0 }) { return open }
    guard let place else {
      throw .system(file: file, operation: "be read", reason: "it is closed")
    }
    let open = OpenFile(try SystemFile(reading: place, named: file))
    try check(open)
    let isSpare = Slots.take()
    let isHeld = held.withLock { held in
      guard isSpare, held == nil else { return false }
      held = open
      return true
    }
    if isSpare && !isHeld { Slots.give() }
    return open
  }

  private func check(_ open: OpenFile) throws(NpyError) {
    let now = try open.source.stamp()
    guard now == stamp else { throw .changed(file: file, had: size, has: now.size) }
  }

  private static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    guard let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}

/// Tells a file from another one, and from itself after a change.
struct FileStamp: Sendable, Equatable {
  let device: UInt64
  let number: UInt64
  let size: Int
  let seconds: Int
  let nanoseconds: Int
}

/// A descriptor that is closed when nobody reads from it any more.
private final class OpenFile: Sendable {
  let source: SystemFile

  init(_ source: consuming SystemFile) { self.source = source }
}

/// How many files are kept open: a process may have few descriptors, and a model has many files. What
/// finds no slot is opened for each read.
private enum Slots {
  private static let limit = 128
  private static let taken = Atomic<Int>(0)

  static func take() -> Bool {
    if taken.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return true }
    give()
    return false
  }

  static func give() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
