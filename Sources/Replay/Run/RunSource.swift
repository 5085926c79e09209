import FoundationEssentials
import Glibc
import Npy

/// Where the text and the arrays of a run come from.
enum RunSource {
  /// A folder with a run.json.
  case folder(String)
  /// Arrays by the paths that the text names.
  case memory([String: NpyArray])

  /// The array at a path of run.json.
  func array(_ path: String, at place: String) throws(ReplayError) -> NpyArray {
    switch self {
    case .memory(let arrays):
      guard let array = arrays[path] else { throw .missingArray(place, path: path) }
      return try checked(array)
    case .folder(let folder):
      guard Self.staysInside(path) else { throw .outside(place, path: path) }
      try Self.resolve("\(folder)/\(path)", inside: folder, at: place, path: path)
      let array: NpyArray
      do throws(NpyError) { array = try NpyArray(path: "\(folder)/\(path)") } catch {
        throw .npy(error)
      }
      return try checked(array)
    }
  }

  /// The same for data, which may be a folder of .npy files whose rows follow each other.
  func rows(_ path: String, at place: String) throws(ReplayError) -> NpyArray {
    guard case .folder(let folder) = self, Self.staysInside(path),
      NpyArray.isFolder("\(folder)/\(path)")
    else { return try array(path, at: place) }
    try Self.resolve("\(folder)/\(path)", inside: folder, at: place, path: path)
    let shards: [String]
    do throws(NpyError) { shards = try NpyArray.shards(in: "\(folder)/\(path)") } catch {
      throw .npy(error)
    }
    for shard in shards {
      try Self.resolve(
        shard, inside: folder, at: place, path: String(shard.dropFirst(folder.count + 1)))
    }
    let array: NpyArray
    do throws(NpyError) {
      array = try NpyArray(shards: shards, name: "\(folder)/\(path)")
    } catch { throw .npy(error) }
    return try checked(array)
  }

  /// Numbers only: everything a run holds is replayed as float32.
  private func checked(_ array: NpyArray) throws(ReplayError) -> NpyArray {
    guard array.elementType.isReal else {
      throw .array(
        array.file, found: "elements of type \(array.elementType.name)", expected: "real numbers")
    }
    return array
  }

  private static func staysInside(_ path: String) -> Bool {
    guard !path.isEmpty, !path.hasPrefix("/"), !path.utf8.contains(0) else { return false }
    return !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
  }

  /// A link inside the run must not lead out of it either.
  private static func resolve(
    _ file: String, inside folder: String, at place: String, path: String
  ) throws(ReplayError) {
    guard let root = canonical(folder), let target = canonical(file) else { return }
    guard target.hasPrefix(root == "/" ? root : root + "/") else {
      throw .outside(place, path: path)
    }
  }

  private static func canonical(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The bytes of a run.json, at most 1 GiB.
  static func read(_ file: String) throws(ReplayError) -> Data {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .document(file, reason: reason()) }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { throw .document(file, reason: reason()) }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw .document(file, reason: "found something else than a regular file, expected JSON text")
    }
    guard info.st_size <= 1 << 30 else {
      throw .document(file, reason: "found \(info.st_size) bytes, expected at most 1 GiB of JSON")
    }
    var data = Data(count: Int(info.st_size))
    var filled = 0
    while filled < data.count {
      let (start, length) = (filled, data.count - filled)
      let got = data.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { Glibc.read(descriptor, $0 + start, length) } ?? 0
      }
      guard got >= 0 else { throw .document(file, reason: reason()) }
      guard got > 0 else { break }
      filled += got
    }
    return data.prefix(filled)
  }

  private static func reason() -> String {
    "cannot be read: \(String(cString: strerror(errno)))"
  }
}
