import Glibc

/// An open file descriptor that closes itself.
struct SystemFile: ~Copyable {
  let descriptor: Int32
  let file: String

  /// Opens a regular file for reading. Anything else at the path throws, and a pipe does not block.
  init(reading file: String) throws(NpyError) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotOpen(file: file, reason: Self.reason()) }
    if let kind = Self.kindIfNotRegular(descriptor) {
      _ = close(descriptor)
      throw .notAFile(file: file, found: kind)
    }
    self.descriptor = descriptor
    self.file = file
  }

  /// Creates a file that must not exist yet.
  init(creating file: String) throws(NpyError) {
    let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .cannotOpen(file: file, reason: Self.reason()) }
    self.descriptor = descriptor
    self.file = file
  }

  /// Creates a file without a name that disappears with its last use.
  init(anonymousFor file: String) throws(NpyError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = [CChar]("\(folder)/npy-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      throw .system(file: file, operation: "create a file in \(folder)", reason: Self.reason())
    }
    _ = unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
    self.file = file
  }

  deinit { _ = close(descriptor) }

  /// The text of `errno`.
  static func reason() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let code = errno
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The size in bytes.
  func size() throws(NpyError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(file: file, operation: "be examined", reason: Self.reason())
    }
    return Int(status.st_size)
  }

  private static func kindIfNotRegular(_ descriptor: Int32) -> String? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return "something that cannot be examined" }
    return switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    default: "a device"
    }
  }

  /// Writes all the bytes at the position of the descriptor.
  func write(_ bytes: UnsafeRawBufferPointer) throws(NpyError) {
    var rest = bytes
    while let base = rest.baseAddress, rest.count > 0 {
      let written = Glibc.write(descriptor, base, min(rest.count, 1 << 30))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw .system(file: file, operation: "be written", reason: Self.reason())
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Writes all the bytes at an offset, without moving the position.
  func write(_ bytes: [UInt8], at offset: Int) throws(NpyError) {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { raw in
        pwrite(descriptor, raw.baseAddress.map { $0 + done }, bytes.count - done, offset + done)
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw .system(file: file, operation: "be written", reason: Self.reason())
      }
      done += written
    }
  }
}
