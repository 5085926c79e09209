import Glibc
import Npy

/// Where the text and the arrays of a run come from.
struct RunSource {
  /// A place.
  enum Place: Sendable {
    /// A folder with a run.json.
    case folder(String)
    /// Arrays by the paths that the text names.
    case memory([String: NpyArray])
  }

  let place: Place
  /// Arrays that stand in place of those of the same paths, or beside them.
  var others: [String: NpyArray] = [:]
  /// Asked for every file: a run may name any number of them.
  let isCancelled: () -> Bool

  init(_ place: Place, _ isCancelled: @escaping () -> Bool) {
    self.place = place
    self.isCancelled = isCancelled
  }

  /// The bytes of the run.json of a folder.
  func document() throws(RunError) -> [UInt8] {
    guard case .folder(let folder) = place else { return [] }
    let file = "\(folder)/run.json"
    guard WholeFile.isInside(file, folder) else {
      throw .document(file, reason: "leads out of the run, expected a file inside of it")
    }
    if let bytes = try bridging(WholeFile.read(file, limit: Run.documentLimit)) { return bytes }
    throw .document(file, reason: "cannot be read: \(String(cString: strerror(ENOENT)))")
  }

  /// The array at a path of run.json.
  func array(_ path: String, at key: String) throws(RunError) -> NpyArray {
    if isCancelled() { throw .cancelled }
    if let other = others[path] { return try checked(other) }
    switch place {
    case .memory(let arrays):
      guard let array = arrays[path] else { throw .missingArray(key, path: path) }
      return try checked(array)
    case .folder(let folder):
      let file = "\(folder)/\(path)"
      guard Self.staysInside(path), WholeFile.isInside(file, folder) else {
        throw .outside(key, path: path)
      }
      return try checked(bridging(NpyArray(path: file)))
    }
  }

  /// The same for data: one row per sample. In a folder it may be a folder of .npy files whose rows follow
  /// each other.
  func rows(_ path: String, at key: String) throws(RunError) -> NpyArray {
    let array: NpyArray
    if let whole = try shards(path, at: key) {
      array = whole
    } else {
      array = try self.array(path, at: key)
    }
    guard array.shape.count < 2 || array.rowLength > 0 else {
      throw .array(
        array.file, found: "the shape \(array.shape), rows without values",
        expected: "at least one value in each row")
    }
    return array
  }

  private func shards(_ path: String, at key: String) throws(RunError) -> NpyArray? {
    guard case .folder(let folder) = place, Self.staysInside(path),
      NpyArray.isFolder("\(folder)/\(path)")
    else { return nil }
    guard WholeFile.isInside("\(folder)/\(path)", folder) else { throw .outside(key, path: path) }
    let shards = try bridging(NpyArray.shards(in: "\(folder)/\(path)"))
    for shard in shards where !WholeFile.isInside(shard, folder) {
      throw .outside(key, path: String(shard.dropFirst(folder.count + 1)))
    }
    let array: NpyArray
    do throws(NpyError) {
      array = try NpyArray(
        shards: shards, name: "\(folder)/\(path)", isCancelled: isCancelled)
    } catch {
      if case .cancelled = error { throw .cancelled }
      throw .npy(error)
    }
    return try checked(array)
  }

  /// Numbers only: everything a run holds is replayed as float32.
  private func checked(_ array: NpyArray) throws(RunError) -> NpyArray {
    guard array.elementType.isReal else {
      throw .array(
        array.file, found: "elements of type \(array.elementType.name)", expected: "real numbers")
    }
    // No elements need no bytes, whatever the lengths are; yet there would be loops and rows as long.
    let size = array.shape.reduce(1) { $0 * max(1, $1) }
    guard array.count > 0 || size <= Self.emptyLimit else {
      throw .array(
        array.file, found: "the shape \(array.shape) without elements",
        expected: "lengths whose product is at most \(Self.emptyLimit)")
    }
    return array
  }

  private static let emptyLimit = 1 << 28

  private static func staysInside(_ path: String) -> Bool {
    guard !path.isEmpty, !path.hasPrefix("/"), !path.utf8.contains(0) else { return false }
    return !path.split(separator: "/", omittingEmptySubsequences: false).contains("..")
  }
}
