import Npy
import Support
import Testing

/// Archives: what `np.savez` writes, and what attackers do.
@Suite struct ArchiveTests {
  let folder = TemporaryFolder()
  static let plain = NpyFixture.file(
    NpyFixture.header("'<f4'", "(3,)"), data: NpyFixture.bytes([1, 2, 3] as [Float]))

  @Test(arguments: [false, true]) func `reads stored and deflated members`(zip64: Bool) throws {
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

  @Test func `empty archives have no members`() throws {
    let path = folder.write(NpyZip.archive([]), to: "a.npz")
    #expect(try NpyArchive(path: path).members.isEmpty)
    #expect(
      throws: NpyError.noSuchMember(file: path, member: "a", available: [])
    ) { try NpyArchive(path: path).array(named: "a") }
  }

  @Test func `large members go through a file`() throws {
    let count = 20 << 20
    let head = NpyFixture.file(NpyFixture.header("'<f4'", "(\(count),)"))
    let path = folder.write(
      NpyZip.archive([.init(deflated: head, zeros: 4 * count, name: "big.npy")]), to: "a.npz")
    let array = try NpyArchive(path: path).array(named: "big")
    #expect(try array.floats(rows: count - 1..<count) == [0])
  }

  @Test func `damaged data is found`() throws {
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

  @Test func `bombs are defused`() throws {
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

  /// Members that share their bytes: 67 KB that take a minute.
  @Test func `overlapping members are refused`() throws {
    let member = NpyZip.Member(deflated: Self.plain, zeros: 1 << 20, name: "a.npy")
    let second = NpyZip.Member(stored: Self.plain, name: "b.npy")
    let same = NpyZip.archive([member, second], placedAt: { $0 == 1 ? 0 : nil })
    #expect { try NpyArchive(path: folder.write(same, to: "same.npz")) } throws: {
      "\($0)".hasSuffix(
        "same.npz:b.npy: found bytes that also belong to the member 'a.npy', "
          + "expected members that do not overlap")
    }
    // A header inside the data of another member.
    let inner = NpyZip.archive([.init(stored: Self.plain, name: "c.npy")])
    let outer = NpyZip.archive(
      [.init(stored: inner, name: "a.npy"), .init(stored: Self.plain, name: "c.npy")],
      placedAt: { $0 == 1 ? 30 + 5 : nil })
    #expect { try NpyArchive(path: folder.write(outer, to: "outer.npz")) } throws: {
      "\($0)".contains("outer.npz:c.npy: found bytes that also belong to the member 'a.npy'")
    }
  }

  @Test func `headers have to say what the directory says`() throws {
    for (change, expected) in [
      ("name", "a member header with the name 'x.npy'"), ("method", "the compression method"),
      ("size", "packed bytes"), ("crc", "another checksum"),
    ] {
      let bytes = NpyZip.archive(
        [.init(stored: Self.plain, name: "a.npy")],
        changingHeader: { header in
          switch change {
          case "name": header[30] = UInt8(ascii: "x")
          case "method": header[8] = 8
          case "size": header[18] ^= 1
          default: header[14] ^= 1
          }
        })
      let archive = try NpyArchive(path: folder.write(bytes, to: "lie.npz"))
      #expect { try archive.array(of: archive.members[0]) } throws: {
        "\($0)".contains("lie.npz:a.npy: found a member header with") && "\($0)".contains(expected)
      }
    }
  }

  @Test func `members are limited in number and in all`() throws {
    let many = NpyZip.archive(
      (0..<70_000).map { .init(stored: [], name: "\($0)") }, zip64: true)
    #expect { try NpyArchive(path: folder.write(many, to: "many.npz")) } throws: {
      "\($0)".hasSuffix("many.npz: found 70000 members, expected at most 65536")
    }
    // Members without overlap that claim three times two gigabytes.
    let members = (0..<3).map { index in
      var member = NpyZip.Member(
        deflated: Self.plain, zeros: 4 << 20, name: "\(index).npy")
      member.packed += [UInt8](repeating: 0, count: 3 << 20)
      member.size = 2 << 30
      return member
    }
    let vast = NpyZip.archive(members)
    let path = folder.write(vast, to: "vast.npz")
    #expect { try NpyArchive(path: path) } throws: {
      "\($0)".contains("vast.npz:2.npy: found members that unpack to more than 4294967296 bytes")
    }
  }

  @Test func `reading a member can be cancelled`() throws {
    let head = NpyFixture.file(NpyFixture.header("'<f4'", "(2097152,)"))
    let path = folder.write(
      NpyZip.archive([.init(deflated: head, zeros: 8 << 20, name: "a.npy")]), to: "a.npz")
    let archive = try NpyArchive(path: path)
    var asked = 0
    #expect(throws: NpyError.cancelled(file: "\(path):a")) {
      try archive.array(of: archive.members[0]) {
        asked += 1
        return asked == 3
      }
    }
    #expect(asked == 3)
  }

  @Test func `what is not read says so`() throws {
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

  @Test func `every truncation throws`() throws {
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
