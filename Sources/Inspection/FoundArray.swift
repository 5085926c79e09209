import Glibc
import Npy

/// An array that a path leads to, not opened yet.
struct FoundArray {
  /// The path of its file, as it is shown.
  let path: String
  /// Its name in a file with several.
  var member: String?
  /// What it is in a .npz file.
  var packed: NpyArchive.Member?
  /// The part of it that is wanted.
  var wanted: Subscript?
  /// Its shape, where no header tells.
  var shape: [Int]?
  /// Opens the whole array.
  let whole: (_ isCancelled: () -> Bool) throws(NpyError) -> NpyArray

  /// Opens the array, or the part of it.
  func open(_ isCancelled: () -> Bool) throws(NpyError) -> NpyArray {
    let array = try whole(isCancelled)
    guard let wanted else { return try array.inOrder() }
    return try array.part(wanted)
  }

  /// `path`, `path:member` or `path[slice]`.
  var name: String {
    (member.map { "\(path):\($0)" } ?? path) + (wanted.map { "[\($0)]" } ?? "")
  }
}

/// Where an array is, as users write it: `w.npy`, `a.npz:weight`, `w.npy[0, :]`.
struct ArrayPath {
  let file: String
  let member: String?
  let wanted: Subscript?

  /// A path that exists is taken as it is, whatever characters it has.
  init(_ text: String) throws(NpyError) {
    guard !Self.exists(text), text.hasSuffix("]"), let open = text.lastIndex(of: "[") else {
      (file, member) = Self.split(text)
      wanted = nil
      return
    }
    (file, member) = Self.split(String(text[..<open]))
    let inner = String(text[text.index(after: open)...].dropLast())
    guard let wanted = Subscript(inner) else {
      throw .badIndex(
        file: String(text[..<open]), found: "[\(inner)]",
        expected: "indices and ranges, such as [0:5, :, -1]")
    }
    self.wanted = wanted
  }

  private static func split(_ text: String) -> (String, String?) {
    if exists(text) { return (text, nil) }
    for colon in text.indices where text[colon] == ":" {
      let file = String(text[..<colon])
      if exists(file), !Folder.isFolder(file) {
        return (file, String(text[text.index(after: colon)...]))
      }
    }
    return (text, nil)
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return path == "-" || lstat(path, &status) == 0
  }
}

/// Finds the arrays that a path leads to.
struct ArrayFinder {
  /// The part of each that is wanted, unless the path itself tells.
  var wanted: Subscript?
  var isCancelled: @Sendable () -> Bool = { false }

  /// Calls `found` with each array of a file or a folder, in order, and `failed` with what cannot be
  /// read.
  func each(
    at text: String, failed: (String, NpyError) -> Void, found: (FoundArray) -> Void
  ) {
    do throws(NpyError) {
      let path = try ArrayPath(text)
      if path.member == nil, path.wanted == nil, Folder.isFolder(path.file) {
        for file in Folder.arrays(in: path.file, failed: failed) where !isCancelled() {
          do throws(NpyError) {
            try each(in: ArrayFile(path: file), ArrayPath(file: file), found)
          } catch { failed(file, error) }
        }
      } else {
        try each(in: ArrayFile(path: path.file, takesPipes: true), path, found)
      }
    } catch { failed(text, error) }
  }

  /// The same for a file that is open.
  func each(
    in file: ArrayFile, _ path: ArrayPath, _ found: (FoundArray) -> Void
  ) throws(NpyError) {
    let wanted = path.wanted ?? self.wanted
    var names: [String] = []
    func offer(_ array: FoundArray) {
      if let member = array.member { names.append(member) }
      if path.member == nil || path.member == array.member, !isCancelled() { found(array) }
    }
    switch file {
    case .array(let array):
      offer(
        FoundArray(path: path.file, wanted: wanted, shape: array.shape) { _ throws(NpyError) in
          array
        })
    case .archive(let archive):
      for member in archive.members {
        offer(
          FoundArray(path: path.file, member: member.name, packed: member, wanted: wanted) {
            isCancelled throws(NpyError) in
            try archive.array(of: member, isCancelled: isCancelled)
          })
      }
    case .safetensors(let tensors):
      for member in tensors.members {
        offer(
          FoundArray(path: path.file, member: member.name, wanted: wanted, shape: member.shape) {
            _ throws(NpyError) in tensors.array(of: member)
          })
      }
    }
    if let member = path.member, !names.contains(member) {
      throw .noSuchMember(
        file: path.file, member: member, available: names.isEmpty ? ["one array alone"] : names)
    }
  }
}

extension ArrayPath {
  /// A file that is there.
  init(file: String) {
    self.file = file
    member = nil
    wanted = nil
  }
}
