import Glibc

/// An open file descriptor that closes itself.
struct SystemFile: ~Copyable {
  let descriptor: Int32
  let file: String

  /// Opens a regular file for reading. Anything else at the path throws, and a pipe does not block.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - name: the name used in errors; the path unless told.
  init(reading path: String, named name: String? = nil) throws(NpyError) {
    let file = name ?? path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw .cannotOpen(file: file, reason: Self.reason()) }
    if let kind = Self.kindIfNotRegular(descriptor) {
      _ = close(descriptor)
      throw .notAFile(file: file, found: kind)
    }
    self.descriptor = descriptor
    self.file = file
  }

  /// Takes over an open descriptor.
  init(taking descriptor: Int32, named name: String) {
    self.descriptor = descriptor
    file = name
  }

  /// Whether anything is at a path, a link that leads nowhere included.
  static func exists(_ path: String) -> Bool {
    var status = Glibc.stat()
    return lstat(path, &status) == 0 || (errno != ENOENT && errno != ENOTDIR)
  }

  /// Creates a file that must not exist yet.
  ///
  /// - Parameters:
  ///   - path: where it will be.
  ///   - name: the name used in errors.
  init(creating path: String, named name: String) throws(NpyError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0o666)
    guard descriptor >= 0 else { throw .cannotOpen(file: name, reason: Self.reason()) }
    self.descriptor = descriptor
    file = name
  }

  /// Opens what is at a path for writing: a pipe waits for its reader, as for any program.
  ///
  /// - Parameters:
  ///   - file: the path.
  ///   - isTruncating: whether a regular file begins anew.
  ///   - own: a descriptor of this process that leads to the same, whose position counts.
  init(
    writing file: String, truncating isTruncating: Bool = false, sharing own: Int32? = nil
  ) throws(NpyError) {
    let flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | (isTruncating ? O_TRUNC : 0)
    let descriptor = own.map { fcntl($0, F_DUPFD_CLOEXEC, 0) } ?? open(file, flags)
    guard descriptor >= 0 else { throw .cannotOpen(file: file, reason: Self.reason()) }
    self.descriptor = descriptor
    self.file = file
  }

  /// Creates a file without a name that disappears with its last use.
  init(anonymousFor file: String) throws(NpyError) {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // O_TMPFILE, which the module of Glibc lacks: there is no moment in which it has a name.
    let nameless = open(folder, O_RDWR | O_CLOEXEC | O_DIRECTORY | 0o20_000_000, 0o600)
    if nameless >= 0 {
      descriptor = nameless
      self.file = file
      return
    }
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

  /// The text of an error of the system.
  static func reason(_ code: Int32 = errno) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// What the file is at this moment.
  func stamp() throws(NpyError) -> FileStamp {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(file: file, operation: "be examined", reason: Self.reason())
    }
    return FileStamp(
      device: UInt64(status.st_dev), number: UInt64(status.st_ino), size: Int(status.st_size),
      seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
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

  /// Takes over mode and owner of another file, as far as that is allowed.
  func resemble(_ other: stat) {
    if fchown(descriptor, other.st_uid, other.st_gid) != 0 {
      _ = fchown(descriptor, uid_t.max, other.st_gid)
    }
    _ = fchmod(descriptor, other.st_mode & 0o7777)
  }

  /// Writes all the bytes at the position of the descriptor.
  func write(_ bytes: UnsafeRawBufferPointer) throws(NpyError) {
    try withoutSizeSignal { () throws(NpyError) in
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
  }

  /// Writes all the bytes at an offset, without moving the position.
  func write(_ bytes: [UInt8], at offset: Int) throws(NpyError) {
    try withoutSizeSignal { () throws(NpyError) in
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

  /// A limit on the size of files is an error of the call, and no signal that ends the process: for
  /// this thread alone, and for as long as it writes.
  private func withoutSizeSignal(_ body: () throws(NpyError) -> Void) throws(NpyError) {
    var set = sigset_t()
    var old = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGXFSZ)
    pthread_sigmask(SIG_BLOCK, &set, &old)
    defer {
      if sigismember(&old, SIGXFSZ) == 0 {
        var none = timespec()
        while sigtimedwait(&set, nil, &none) == SIGXFSZ {}
        pthread_sigmask(SIG_SETMASK, &old, nil)
      }
    }
    try body()
  }
}
