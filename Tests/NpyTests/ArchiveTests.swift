import Npy
import Support
import Testing

/// Archives: what `np.savez` writes, and what attackers do.
@Suite struct ArchiveTests {
  let folder = TemporaryFolder()
  static let plain = NpyFixture.file(
    NpyFixture.header("'<f4'", "(3,)"), data: NpyFixture.bytes([1, 2, 3] as [Float]))

  @Test(arguments: [false, true]) func readsStoredAndDeflatedMembers(zip64: Bool) throws {
    let path = folder.write(
      NpyZip.archive(
        [
          .init(stored: Self.plain, name: "weights/a.npy"),
          .init(deflated: Self.plain, name: "b.npy"),
        ], zip64: zip64), to: "a.npz")
    let archive = try NpyArchive(path: path)
    #expect(archive.members.map(\.name) == ["weights/a", "b"])
    #expect(archive.members.map(\.isCompressed) == [false, true])
    #expect(archive.members.map(\.size) == [Self.plain.count, Self.plain.count])
    for member in archive.members {
      #expect(try archive.array(of: member).floats() == [1, 2, 3])
    }
    #expect(try archive.array(named: "b.npy").file == "\(path):b")
  }

  @Test func emptyArchivesHaveNoMembers() throws {
    let path = folder.write(NpyZip.archive([]), to: "a.npz")
    #expect(try NpyArchive(path: path).members.isEmpty)
    #expect(
      throws: NpyError.noSuchMember(file: path, member: "a", available: [])
    ) { try NpyArchive(path: path).array(named: "a") }
  }

  @Test func largeMembersGoThroughAFile() throws {
    let count = 20 << 20
    let head = NpyFixture.file(NpyFixture.header("'<f4'", "(\(count),)"))
    let path = folder.write(
      NpyZip.archive([.init(deflated: head, zeros: 4 * count, name: "big.npy")]), to: "a.npz")
    let array = try NpyArchive(path: path).array(named: "big")
    var last: [Float] = [1]
    try last.withUnsafeMutableBufferPointer { try array.read(rows: count - 1..<count, into: $0) }
    #expect(last == [0])
  }

  @Test func damagedDataIsFound() throws {
    for deflated in [false, true] {
      var member =
        deflated
        ? NpyZip.Member(deflated: Self.plain, name: "a.npy")
        : NpyZip.Member(stored: Self.plain, name: "a.npy")
      member.crc ^= 1
      #expect { try first(member) } throws: { "\($0)".contains("the data is damaged") }
    }
    var cut = NpyZip.Member(deflated: Self.plain, name: "a.npy")
    cut.packed.removeLast(20)
    #expect { try first(cut) } throws: { "\($0)".contains("a deflate stream that breaks off") }
  }

  @Test func bombsAreDefused() throws {
    let head = NpyFixture.file(NpyFixture.header("'<f4'", "(3,)"))
    // The header asks for 12 bytes, the directory for 8 MiB.
    #expect { try first(.init(deflated: head, zeros: 8 << 20, name: "a.npy")) } throws: {
      "\($0)".hasSuffix("found \(head.count + 8 << 20) bytes, expected 12, as its header says")
        || "\($0)".hasSuffix("as its header says")
    }
    // The directory agrees with the header, but the stream goes on.
    var long = NpyZip.Member(deflated: head, zeros: 8 << 20, name: "a.npy")
    long.size = head.count + 12
    #expect { try first(long) } throws: { "\($0)".contains("a deflate stream that goes on") }
    // A terabyte out of nothing.
    let vast = NpyFixture.file(NpyFixture.header("'<f4'", "(274877906944,)"))
    var empty = NpyZip.Member(deflated: vast, name: "a.npy")
    empty.size = 1 << 40
    let path = folder.write(NpyZip.archive([empty], zip64: true), to: "vast.npz")
    #expect { try NpyArchive(path: path).array(named: "a") } throws: {
      "\($0)".contains("at least one for every 1032")
    }
  }

  @Test func whatIsNotReadSaysSo() throws {
    var member = NpyZip.Member(stored: Self.plain, name: "a.npy")
    member.method = 12
    #expect { try first(member) } throws: {
      "\($0)".hasSuffix(
        ":a: found the compression method 12, expected 0 (stored) or 8 (deflate)")
    }
    member.method = 0
    member.flags = 1
    #expect { try first(member) } throws: {
      "\($0)".hasSuffix(":a: found an encrypted member, expected a plain one")
    }
    #expect { try first(.init(stored: Array("text".utf8), name: "readme.txt")) } throws: {
      "\($0)".hasSuffix(
        ":readme.txt: begins with 'text', expected the .npy magic '\\x93NUMPY'")
    }
    let path = folder.write(Self.plain, to: "plain.npz")
    #expect { try NpyArchive(path: path) } throws: {
      "\($0)".hasSuffix("expected a zip archive ('PK')")
    }
  }

  @Test func everyTruncationThrows() throws {
    let bytes = NpyZip.archive(
      [.init(stored: Self.plain, name: "a.npy"), .init(deflated: Self.plain, name: "b.npy")],
      zip64: true)
    for length in 0..<bytes.count {
      let path = folder.write(Array(bytes.prefix(length)), to: "cut.npz")
      #expect(throws: NpyError.self) { try NpyArchive(path: path).array(named: "b") }
    }
  }

  private func first(_ member: NpyZip.Member) throws -> NpyArray {
    let path = folder.write(NpyZip.archive([member]), to: "one.npz")
    let archive = try NpyArchive(path: path)
    return try archive.array(of: archive.members[0])
  }
}
