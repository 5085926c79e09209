import Glibc
import Npy
import Support
import Testing

/// Files that lie, break off, or are no files: always an error, never a trap.
@Suite struct HostileFileTests {
  let folder = TemporaryFolder()

  @Test func `missing files folders and pipes are named`() {
    let missing = folder.file("missing.npy")
    #expect {
      try NpyArray(path: missing)
    } throws: { "\($0)" == "\(missing): cannot be opened: No such file or directory" }
    #expect {
      try NpyArray(path: folder.path)
    } throws: { "\($0)" == "\(folder.path): is a directory, expected a regular file" }
    let pipe = folder.file("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect {
      try NpyArray(path: pipe)
    } throws: { "\($0)" == "\(pipe): is a pipe, expected a regular file" }
    #expect {
      try NpyArray(path: "/dev/null")
    } throws: { "\($0)" == "/dev/null: is a device, expected a regular file" }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func `unreadable files are named`() {
    let path = folder.write([1], to: "secret.npy")
    chmod(path, 0)
    #expect {
      try NpyArray(path: path)
    } throws: { "\($0)" == "\(path): cannot be opened: Permission denied" }
  }

  @Test func `truncated data says how much is there`() {
    let path = folder.write(
      NpyFixture.file(NpyFixture.header("'<f8'", "(4, 5)"), data: [1, 2, 3]), to: "a.npy")
    #expect {
      try NpyArray(path: path)
    } throws: { "\($0)" == "\(path): is truncated: found 3 bytes of data, expected 160" }
  }

  @Test func `trailing bytes are counted`() throws {
    let path = folder.write(
      NpyFixture.file(
        NpyFixture.header("'<f4'", "()"), data: NpyFixture.bytes([7] as [Float]) + [1, 2, 3]),
      to: "a.npy")
    let array = try NpyArray(path: path)
    #expect(array.trailingBytes == 3)
    #expect(try array.floats() == [7])
  }

  @Test func `every truncation throws`() throws {
    let bytes = NpyFixture.file(
      NpyFixture.header("'<i2'", "(2, 3)"), data: NpyFixture.bytes([Int16](repeating: 5, count: 6)))
    for length in 0..<bytes.count {
      let path = folder.write(Array(bytes.prefix(length)), to: "cut.npy")
      #expect(throws: NpyError.self) { try NpyArray(path: path) }
    }
    #expect(try NpyArray(path: folder.write(bytes, to: "whole.npy")).ints() == [5, 5, 5, 5, 5, 5])
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `random damage never traps`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let values = NpyFixture.bytes((0..<24).map { Float($0) })
    let files = [
      NpyFixture.file(NpyFixture.header("'<f4'", "(2, 3, 4)"), data: values),
      NpyFixture.file(NpyFixture.header("'>f2'", "(48,)", fortran: true), version: 2, data: values),
      NpyFixture.file(
        NpyFixture.header("[('a', '<f4', (2,)), ('é', '|S8')]", "(6,)"), version: 3, data: values),
    ]
    var read = 0
    for round in 0..<3000 {
      var bytes = files[round % files.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8(ascii: "1234567890(),'"[round]), at: place)
        }
      }
      let path = folder.write(bytes, to: "damaged-\(seed).npy")
      guard let array = try? NpyArray(path: path), array.count < 1 << 20 else { continue }
      _ = try? array.doubles()
      _ = try? array.ints()
      read += 1
    }
    #expect(read > 100)
  }

  @Test func `random damage to archives never traps`() {
    var random = SeededGenerator(seed: 9)
    let member = NpyFixture.file(
      NpyFixture.header("'<f4'", "(3,)"), data: NpyFixture.bytes([1, 2, 3] as [Float]))
    for round in 0..<4000 {
      var bytes = NpyZip.archive(
        [.init(stored: member, name: "a.npy"), .init(deflated: member, name: "b.npy")],
        zip64: round % 2 == 0)
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] =
          round % 3 == 0 ? 255 : UInt8.random(in: 0...255, using: &random)
      }
      let path = folder.write(bytes, to: "damaged.npz")
      guard let archive = try? NpyArchive(path: path) else { continue }
      for member in archive.members {
        if let array = try? archive.array(of: member), array.count < 1 << 20 {
          _ = try? array.doubles()
        }
      }
    }
  }
}

extension String {
  fileprivate subscript(_ index: Int) -> Character {
    self[self.index(startIndex, offsetBy: index % count)]
  }
}

extension UInt8 {
  fileprivate init(ascii character: Character) { self = character.asciiValue ?? 0 }
}
