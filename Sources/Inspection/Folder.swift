import Glibc
import Npy

/// What stands at a path.
enum Folder {
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The .npy, .npz and .safetensors files inside, at any depth, sorted by their paths.
  ///
  /// Links to folders are not followed, so a circle of links is no trap. Folders that cannot be read
  /// are given to `failed`.
  static func arrays(in path: String, failed: (String, NpyError) -> Void) -> [String] {
    guard let directory = opendir(path) else {
      let reason = strerror(errno).map { String(cString: $0) } ?? "unknown"
      failed(path, .cannotOpen(file: path, reason: reason))
      return []
    }
    var files: [String] = []
    var folders: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      let place = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
      var status = stat()
      guard lstat(place, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        folders.append(place)
      } else if [".npy", ".npz", ".safetensors"].contains(where: name.hasSuffix) {
        files.append(place)
      }
    }
    _ = closedir(directory)
    for folder in folders { files += arrays(in: folder, failed: failed) }
    return files.sorted()
  }
}
