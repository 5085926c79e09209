import Glibc

/// Writes to what a process was given to write to.
public enum TextOutput {
  /// Writes all of a text to an open descriptor.
  ///
  /// - Returns: the system's reason when it could not be written; nil when it was, or when nobody reads
  ///   any more.
  public static func write(_ text: String, to descriptor: Int32) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let base = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(descriptor, base, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EPIPE { return nil }
        if count < 0 && errno == EAGAIN {
          // Somebody has set it not to wait.
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, -1)
          continue
        }
        guard count > 0 else { return SystemFile.reason() }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return nil
    }
  }

  /// Has a limit on the size of files be an error of the write, and no signal that ends the process.
  public static func ignoreSizeSignal() { _ = signal(SIGXFSZ, SIG_IGN) }
}
