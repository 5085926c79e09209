import Glibc
import Synchronization

/// Where somebody wants bytes to go.
///
/// A regular file is written beside its place, which it takes by a rename when it is complete: a reader
/// sees the old file or the whole new one. It keeps the mode of the old one, its owner where that is
/// allowed, and the links that lead to it. A pipe or a device is what it is, and is written to.
final class OutputFile {
  let path: String
  private let target: SystemFile
  /// The file beside the place, and the place; nil for what is written in place.
  private let aside: (path: String, place: String)?
  private var isCommitted = false

  private static let counter = Atomic<Int>(0)

  init(path: String) throws(NpyError) {
    self.path = path
    var status = stat()
    guard stat(path, &status) == 0 else {
      let place = try Self.end(of: path)
      var aside = ""
      target = try Self.create(beside: place, named: path, &aside)
      self.aside = (aside, place)
      return
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw .notAFile(file: path, found: "a directory")
    }
    // Standard output by another name, such as /dev/stdout: its own position counts.
    let own = Self.ownDescriptor(status)
    let place = try status.st_mode & S_IFMT == S_IFREG && own == nil ? Self.end(of: path) : nil
    guard let place else {
      target = try SystemFile(writing: path, sharing: own)
      aside = nil
      return
    }
    guard faccessat(AT_FDCWD, place, W_OK, AT_EACCESS) == 0 else {
      throw .cannotOpen(file: path, reason: SystemFile.reason())
    }
    var aside = ""
    if let file = try? Self.create(beside: place, named: path, &aside) {
      file.resemble(status)
      target = file
      self.aside = (aside, place)
    } else {
      // The folder takes no new file, but the old one may be written.
      target = try SystemFile(writing: path, truncating: true)
      self.aside = nil
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
    guard let aside else { return }
    if rename(aside.path, aside.place) == 0 {
      isCommitted = true
      return
    }
    // A file that is a mount point, as in containers, can be written but not replaced.
    guard errno == EBUSY else {
      throw .system(file: path, operation: "take its place", reason: SystemFile.reason())
    }
    let file = try SystemFile(writing: path, truncating: true)
    let source = try StoredFile(path: aside.path)
    let piece = try Memory(min(1 << 20, source.size), for: path)
    for start in stride(from: 0, to: source.size, by: 1 << 20) {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: piece.bytes[..<min(piece.bytes.count, source.size - start)])
      try source.read(at: start, into: part)
      try file.write(UnsafeRawBufferPointer(part))
    }
  }

  deinit {
    if let aside, !isCommitted { _ = unlink(aside.path) }
  }

  /// Removes what others left beside the place that were killed.
  func removeLeftovers() {
    if let aside { Leftovers.removeFiles(of: aside.place) }
  }

  /// Creates a file that is locked as long as this process writes it.
  private static func create(
    beside place: String, named path: String, _ aside: inout String
  ) throws(NpyError) -> SystemFile {
    let (folder, name) = Leftovers.split(place)
    let stem = folder + PartialName.stem(of: name)
    while true {
      let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
      aside = "\(stem).\(getpid())-\(number).partial"
      // A process that was killed may have had the same number, and in a container mostly has.
      var status = stat()
      if lstat(aside, &status) == 0 { continue }
      let file = try SystemFile(creating: aside, named: path)
      // Somebody who removes leftovers may have found it before it was locked.
      if !WriterLock.take(file.descriptor, waiting: true)
        || WriterLock.name(aside, leadsTo: file.descriptor)
      {
        return file
      }
    }
  }

  /// The path itself at the end of all links, which need not exist.
  private static func end(of path: String) throws(NpyError) -> String {
    var place = path
    for _ in 0..<40 {
      var status = stat()
      guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return place }
      var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(place, &buffer, buffer.count)
      guard count >= 0 else { break }
      let link = String(decoding: buffer[..<count], as: UTF8.self)
      if link.hasPrefix("/") {
        place = link
      } else {
        let folder = place.lastIndex(of: "/").map { String(place[...$0]) } ?? ""
        place = folder + link
      }
    }
    throw .cannotOpen(file: path, reason: SystemFile.reason(ELOOP))
  }

  private static func ownDescriptor(_ status: stat) -> Int32? {
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var own = stat()
      if fstat(descriptor, &own) == 0, own.st_dev == status.st_dev, own.st_ino == status.st_ino,
        status.st_mode & S_IFMT == S_IFREG
      {
        return descriptor
      }
    }
    return nil
  }
}
