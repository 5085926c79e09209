import Glibc

/// A file with arrays, of the kind that its name or its first bytes tell.
public enum ArrayFile: Sendable {
  /// A .npy file.
  case array(NpyArray)
  /// A .npz file.
  case archive(NpyArchive)
  /// A .safetensors file.
  case safetensors(Safetensors)

  /// Opens the file at a path.
  ///
  /// - Parameters:
  ///   - path: where it is.
  ///   - takesPipes: whether it may be a pipe, or `-` for standard input. A pipe is read to its end
  ///     first, into a file without a name in `TMPDIR`, if its first bytes are those of such a file.
  /// - Throws: `NpyError` when it cannot be opened, or is no such file.
  public init(path: String, takesPipes: Bool = false) throws(NpyError) {
    var status = stat()
    if !takesPipes {
      try self.init(StoredFile(path: path), name: path)
    } else if path == "-" {
      try self.init(spooling: SystemFile(sharing: STDIN_FILENO, named: "standard input"))
    } else if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFIFO {
      try self.init(spooling: SystemFile(waitingFor: path))
    } else {
      try self.init(StoredFile(path: path), name: path)
    }
  }

  private init(_ source: StoredFile, name: String) throws(NpyError) {
    let head = try source.load(0..<min(16, source.size))
    let bytes = UnsafeRawBufferPointer(head.bytes)
    if name.hasSuffix(".npz") || Self.isLikelyArchive(bytes) {
      self = .archive(try NpyArchive(source: source))
    } else if name.hasSuffix(".safetensors")
      || !name.hasSuffix(".npy") && Safetensors.isLikely(bytes, size: source.size)
    {
      self = .safetensors(try Safetensors(source: source))
    } else {
      self = .array(try NpyArray(source: source))
    }
  }

  private init(spooling pipe: consuming SystemFile) throws(NpyError) {
    let name = pipe.file
    let piece = try Memory(1 << 18, for: name)
    var held = 0
    // Nothing is kept of what can be no array.
    while held < 16 {
      let count = try pipe.readSome(
        UnsafeMutableRawBufferPointer(rebasing: piece.bytes[held..<16]))
      if count == 0 { break }
      held += count
    }
    let head = UnsafeRawBufferPointer(rebasing: piece.bytes[..<held])
    guard
      Self.isLikelyArchive(head) || Safetensors.isLikely(head, size: .max)
        || head.starts(with: NpyHeader.magic)
    else {
      throw .wrongMagic(
        file: name, firstBytes: [UInt8](head.prefix(8)),
        format: "the first bytes of a .npy, .npz or .safetensors file")
    }
    let target = try SystemFile(anonymousFor: name)
    try target.write(head)
    while true {
      let count = try pipe.readSome(piece.bytes)
      if count == 0 { break }
      try target.write(UnsafeRawBufferPointer(rebasing: piece.bytes[..<count]))
    }
    try self.init(StoredFile(anonymous: target), name: name)
  }

  private static func isLikelyArchive(_ head: UnsafeRawBufferPointer) -> Bool {
    head.count >= 4 && head[0] == 0x50 && head[1] == 0x4B && (head[2] == 3 || head[2] == 5)
  }
}

extension SystemFile {
  /// A descriptor of the process under another number, to read from.
  init(sharing own: Int32, named name: String) throws(NpyError) {
    let descriptor = fcntl(own, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw .cannotOpen(file: name, reason: Self.reason()) }
    self.init(taking: descriptor, named: name)
  }

  /// Opens a pipe, and waits for its writer as any program does.
  init(waitingFor path: String) throws(NpyError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw .cannotOpen(file: path, reason: Self.reason()) }
    self.init(taking: descriptor, named: path)
  }

  /// Reads what there is, at least a byte; 0 at the end.
  borrowing func readSome(_ target: UnsafeMutableRawBufferPointer) throws(NpyError) -> Int {
    while true {
      let count = Glibc.read(descriptor, target.baseAddress, target.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EAGAIN {
        // Somebody has set it not to wait.
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&ready, 1, -1)
        continue
      }
      guard count >= 0 else {
        throw .system(file: file, operation: "be read", reason: Self.reason())
      }
      return count
    }
  }
}
