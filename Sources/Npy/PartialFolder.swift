import Glibc

/// A folder that is filled beside its place, and takes it when it is complete.
///
/// Its names and locks are those of `defib.export`: each removes what the other left when it was killed.
public final class PartialFolder {
  private let target: String
  private let path: String
  private let lock: Int32?
  private var isPlaced = false

  /// Makes the folder.
  ///
  /// - Parameter target: where it will be; nothing may be there yet, and its parent must be.
  /// - Throws: `NpyError` when something is there, or the parent takes no folder.
  public init(at target: String) throws(NpyError) {
    try Self.check(target)
    let (parent, name) = Self.split(target)
    self.target = target
    path = "\(parent).\(PartialName.stem(of: name)).\(Self.number()).partial"
    lock = try Self.whileLocked(parent) { [path] _ throws(NpyError) in
      guard mkdir(path, 0o777) == 0 else { throw Self.refusal(target) }
      guard let descriptor = WriterLock.open(folder: path) else { return nil }
      _ = WriterLock.take(descriptor, waiting: false)
      return descriptor
    }
  }

  /// Throws where a folder cannot be made: before the work that fills it, not after it.
  public static func check(_ target: String) throws(NpyError) {
    let (parent, name) = split(target)
    var status = stat()
    if lstat(parent + name, &status) == 0 { throw refusal(target, EEXIST) }
    guard errno == ENOENT, !name.isEmpty else { throw refusal(target) }
    guard faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) == 0 else { throw refusal(target) }
  }

  /// Fills the folder and puts it in its place.
  ///
  /// - Parameter fill: writes into the folder that it is given.
  /// - Throws: what `fill` throws, with the place that the reader knows, and `NpyError` when something
  ///   is in the way; nothing is there then.
  public func fill(_ fill: (String) throws(NpyError) -> Void) throws(NpyError) {
    do throws(NpyError) { try fill(path) } catch {
      guard case .system(let file, let operation, let reason) = error, file.hasPrefix(path) else {
        throw error
      }
      throw .system(
        file: target + file.dropFirst(path.count), operation: operation, reason: reason)
    }
    let (parent, name) = Self.split(target)
    try Self.whileLocked(parent) { _ throws(NpyError) in
      guard rename(path, parent + name) == 0 else {
        throw Self.refusal(target, errno == ENOTEMPTY ? EEXIST : errno)
      }
    }
    isPlaced = true
    Self.removeLeftovers(of: target)
  }

  deinit {
    if !isPlaced { Self.remove(path) }
    if let lock { _ = close(lock) }
  }

  /// Removes the partial folders of a place whose writers live no more.
  private static func removeLeftovers(of target: String) {
    let (parent, name) = split(target)
    var dead: [(path: String, lock: Int32)] = []
    whileLocked(parent) { isHeld in
      guard isHeld else { return }
      let stem = PartialName.stem(of: name)
      for entry in Leftovers.names(in: parent) where isPartial(entry, of: stem) {
        let path = parent + entry
        guard let lock = WriterLock.open(folder: path) else { continue }
        if WriterLock.take(lock, waiting: false), WriterLock.name(path, leadsTo: lock),
          Leftovers.names(in: path).allSatisfy(isContent)
        {
          dead.append((path, lock))
        } else {
          _ = close(lock)
        }
      }
    }
    for (path, lock) in dead {
      remove(path)
      _ = close(lock)
    }
  }

  /// What a run holds, and so all that a folder may hold to be taken for a partial run.
  private static let content: Set = [
    ".", "..", "run.json", "weights", "initial", "data", "validation", "history", "snapshots",
  ]

  private static func isContent(_ name: String) -> Bool {
    content.contains(name) || name.hasPrefix("run.json.") && name.hasSuffix(".partial")
  }

  private static func isPartial(_ entry: String, of name: String) -> Bool {
    guard entry.hasPrefix(".\(name)."), entry.hasSuffix(".partial") else { return false }
    let middle = entry.utf8.dropFirst(name.utf8.count + 2).dropLast(".partial".utf8.count)
    return middle.count == 12 && middle.allSatisfy { 48...57 ~= $0 || 97...102 ~= $0 }
  }

  /// Six random bytes in hexadecimal.
  private static func number() -> String {
    let digits = Array("0123456789abcdef")
    return String((0..<12).map { _ in digits[Int.random(in: 0..<16)] })
  }

  /// A path without slashes at its end, as the folder with its slash, and the name.
  private static func split(_ target: String) -> (parent: String, name: String) {
    var path = target
    while path.hasSuffix("/") { path.removeLast() }
    let (folder, name) = Leftovers.split(path)
    return (folder.isEmpty ? "./" : folder, name)
  }

  private static func refusal(_ target: String, _ code: Int32 = errno) -> NpyError {
    .system(file: target, operation: "be made a folder", reason: SystemFile.reason(code))
  }

  /// Holds the lock of a folder, where it has one, so that no partial folder is without its own.
  private static func whileLocked<Result, Failure>(
    _ folder: String, _ body: (Bool) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { _ = close(descriptor) } }
    return try body(descriptor >= 0 && WriterLock.take(descriptor, waiting: true))
  }

  private static func remove(_ path: String) {
    for name in Leftovers.names(in: path) where name != "." && name != ".." {
      let inner = "\(path)/\(name)"
      if unlink(inner) != 0, errno == EISDIR { remove(inner) }
    }
    _ = rmdir(path)
  }
}
