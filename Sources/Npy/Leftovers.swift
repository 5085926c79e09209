import Glibc

/// What writers left beside a place that were killed.
enum Leftovers {
  /// Removes the partial files of a place whose writers live no more.
  ///
  /// - Parameter place: the path of the file that they were to become.
  static func removeFiles(of place: String) {
    let (folder, name) = split(place)
    let stem = PartialName.stem(of: name)
    for entry in names(in: folder) where isPartial(entry, of: stem) {
      let path = folder + entry
      let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      guard descriptor >= 0 else { continue }
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        WriterLock.take(descriptor, waiting: false),
        WriterLock.name(path, leadsTo: descriptor)
      {
        _ = unlink(path)
      }
      _ = close(descriptor)
    }
  }

  /// A path as the folder, with its slash or empty, and the name in it.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", path) }
    let start = path.utf8.index(after: slash)
    return (String(path[..<start]), String(path[start...]))
  }

  /// The names in a folder; none where it cannot be read.
  static func names(in folder: String) -> [String] {
    guard let stream = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { _ = closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { name in
          name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names
  }

  /// Whether a name is NAME.PROCESS-NUMBER.partial.
  private static func isPartial(_ entry: String, of name: String) -> Bool {
    guard entry.hasPrefix(name + "."), entry.hasSuffix(".partial") else { return false }
    let middle = entry.utf8.dropFirst(name.utf8.count + 1).dropLast(".partial".utf8.count)
    let parts = middle.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { 48...57 ~= $0 } }
  }
}
