import Glibc

/// The lock of a file or folder that is being written.
///
/// The kernel gives it back whatever ends the writer: what has a partial name and a free lock has no
/// writer any more.
enum WriterLock {
  /// Takes the lock of what is open.
  ///
  /// - Returns: whether it is held; somebody else may have it, and not every file system has locks.
  static func take(_ descriptor: Int32, waiting: Bool) -> Bool {
    while flock(descriptor, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      guard errno == EINTR else { return false }
    }
    return true
  }

  /// Whether a name still leads to what was opened.
  static func name(_ path: String, leadsTo descriptor: Int32) -> Bool {
    var opened = stat()
    var named = stat()
    return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
      && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino
  }

  /// Opens a folder; nil where that is not allowed, or it is a link or no folder.
  static func open(folder: String) -> Int32? {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return descriptor >= 0 ? descriptor : nil
  }
}
