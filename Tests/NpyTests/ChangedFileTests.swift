import Glibc
import Npy
import Support
import Testing

/// Files that others shorten, write to or replace while they are read: an error that says so, and never
/// a signal.
@Suite struct ChangedFileTests {
  let folder = TemporaryFolder()
  static let rows = 4096

  enum Change: String, CaseIterable, Sendable {
    case shortened, emptied, written, replaced, removed
  }

  enum Kind: String, CaseIterable, Sendable {
    case floats, doubles, swapped, fortran
  }

  private func file(_ kind: Kind) throws -> String {
    let values = (0..<Self.rows * 8).map { Float($0) }
    let wide = values.map { Double($0) }
    let bytes = kind == .doubles ? NpyFixture.bytes(wide) : NpyFixture.bytes(values)
    let path = folder.file("x.npy")
    try bytes.withUnsafeBytes {
      try NpyWriter.write(
        bytes: $0, type: kind == .doubles ? .float64 : .float32,
        byteOrder: kind == .swapped ? .big : .native, shape: [Self.rows, 8],
        fortranOrder: kind == .fortran, to: path)
    }
    return path
  }

  private func apply(_ change: Change, to path: String) {
    switch change {
    case .shortened: _ = truncate(path, 1000)
    case .emptied: _ = truncate(path, 0)
    case .written:
      let descriptor = open(path, O_WRONLY)
      _ = pwrite(descriptor, [UInt8](repeating: 7, count: 8), 8, 5000)
      // A clock that stands still between two writes would hide the second.
      var times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: 9, tv_nsec: 9)]
      _ = futimens(descriptor, &times)
      _ = close(descriptor)
    case .replaced:
      let other = folder.write(folder.read("x.npy"), to: "other.npy")
      _ = rename(other, path)
    case .removed: _ = unlink(path)
    }
  }

  @Test(arguments: Kind.allCases, [Change.shortened, .emptied, .written])
  func `a change is an error that names it`(kind: Kind, change: Change) throws {
    let path = try file(kind)
    let array = try NpyArray(path: path)
    apply(change, to: path)
    let size = folder.read("x.npy").count
    #expect {
      try array.floats()
    } throws: { error in
      let text = "\(error)"
      let had = array.count * array.elementType.itemSize + (array.header?.dataOffset ?? 0)
      return text.hasPrefix("\(path): changed while it was read: ")
        && (change == .written || text.hasSuffix("it had \(had) bytes and now has \(size)"))
    }
    #expect(throws: NpyError.self) { try array.doubles() }
    #expect(throws: NpyError.self) { try array.ints() }
    if kind == .floats { #expect(throws: NpyError.self) { try array.loadedFloats() } }
  }

  /// What is open stays what it was, as for any program; what has to be opened again is noticed.
  @Test(arguments: [Change.replaced, .removed])
  func `another file at the path is not taken for the first`(change: Change) throws {
    let path = try file(.floats)
    let arrays = try (0..<200).map { _ in try NpyArray(path: path) }
    apply(change, to: path)
    var failed = 0
    for array in arrays {
      do { #expect(try array.floats().last == Float(Self.rows * 8 - 1)) } catch { failed += 1 }
    }
    #expect(failed > 0)
  }

  @Test func `more files than descriptors can be held`() throws {
    let path = try file(.floats)
    let arrays = try (0..<3000).map { _ in try NpyArray(path: path) }
    for array in arrays.reversed() {
      let last = try array.floats(rows: Self.rows - 1..<Self.rows)
      #expect(last[7] == Float(Self.rows * 8 - 1))
    }
  }

  @Test func `an archive that changes is noticed`() throws {
    let member = NpyFixture.file(
      NpyFixture.header("'<f4'", "(8192,)"), data: [UInt8](repeating: 0, count: 32768))
    let path = folder.write(
      NpyZip.archive([
        .init(stored: member, name: "a.npy"), .init(deflated: member, name: "b.npy"),
      ]), to: "x.npz")
    let archive = try NpyArchive(path: path)
    let array = try archive.array(named: "a")
    truncate(path, 400)
    #expect { try array.floats() } throws: { "\($0)".contains("changed while it was read") }
    #expect { try archive.array(named: "b") } throws: {
      "\($0)".contains("changed while it was read")
    }
  }

  @Test func `a shard that changes is noticed`() throws {
    var paths: [String] = []
    for index in 0..<3 {
      let path = folder.file("s\(index).npy")
      try NpyWriter.write([Float](repeating: 1, count: 8192), shape: [2048, 4], to: path)
      paths.append(path)
    }
    let array = try NpyArray(shards: paths, name: "whole")
    try NpyWriter.write([Float](repeating: 2, count: 8192), shape: [2048, 4], to: paths[1])
    #expect { try array.floats() } throws: {
      "\($0)".hasPrefix("\(paths[1]): changed while it was read")
    }
  }
}
