import Glibc
import Npy
import Support
import Testing

/// Where results go: what is there is respected, and appears as a whole or not at all.
@Suite struct OutputTests {
  let folder = TemporaryFolder()

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  @Test func `a regular file keeps its mode and its owner`() throws {
    let path = folder.write([1, 2, 3], to: "a.txt")
    chmod(path, 0o640)
    if getuid() == 0 { chown(path, 12345, 23456) }
    try WholeFile.write("new", to: path)
    #expect(folder.read("a.txt") == Array("new".utf8))
    #expect(mode(path) == 0o640)
    var status = stat()
    _ = stat(path, &status)
    if getuid() == 0 { #expect(status.st_uid == 12345 && status.st_gid == 23456) }
    #expect(folder.names == ["a.txt"])
  }

  @Test func `links are followed and stay links`() throws {
    _ = folder.write([1], to: "target.txt")
    symlink("target.txt", folder.file("link.txt"))
    symlink(folder.file("link.txt"), folder.file("second.txt"))
    try WholeFile.write("new", to: folder.file("second.txt"))
    #expect(isLink(folder.file("second.txt")) && isLink(folder.file("link.txt")))
    #expect(folder.read("target.txt") == Array("new".utf8))
    // A link to what does not exist yet.
    symlink("later.txt", folder.file("early.txt"))
    try WholeFile.write("late", to: folder.file("early.txt"))
    #expect(isLink(folder.file("early.txt")))
    #expect(folder.read("later.txt") == Array("late".utf8))
    symlink("loop", folder.file("loop"))
    #expect(throws: NpyError.self) { try WholeFile.write("x", to: folder.file("loop")) }
  }

  @Test func `devices are written to and stay devices`() throws {
    // As root, and in a container, a rename would put a file in their place.
    for device in ["null", "full"] {
      var before = stat()
      try #require(stat("/dev/\(device)", &before) == 0)
      if device == "null" {
        try WholeFile.write("text", to: "/dev/null")
      } else {
        #expect { try WholeFile.write("text", to: "/dev/full") } throws: {
          "\($0)" == "/dev/full: cannot be written: No space left on device"
        }
      }
      var after = stat()
      #expect(stat("/dev/\(device)", &after) == 0 && after.st_rdev == before.st_rdev)
      #expect(after.st_mode & S_IFMT == S_IFCHR)
    }
  }

  @Test func `pipes are written to and stay pipes`() throws {
    let path = folder.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDWR)
    defer { close(reader) }
    try WholeFile.write("through", to: path)
    var buffer = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &buffer, 16) == 7)
    #expect(Array(buffer[..<7]) == Array("through".utf8))
    #expect(folder.names == ["pipe"])
  }

  @Test func `files of dead writers go with the next write, and all others stay`() throws {
    let path = folder.file("a.txt")
    for name in ["a.txt.1-2.partial", "a.txt.x-2.partial", "a.txt.12.partial", "b.txt.1-2.partial"]
    {
      _ = folder.write([1], to: name)
    }
    // One that lives: somebody holds its lock.
    let living = open(folder.write([1], to: "a.txt.3-4.partial"), O_RDONLY)
    defer { close(living) }
    try #require(flock(living, LOCK_EX) == 0)
    // As a process of the same number has left it, which in a container is every one.
    for number in 1..<100_000 where number % 9_973 == 0 || number < 40 {
      _ = folder.write([1], to: "a.txt.\(getpid())-\(number).partial")
    }
    try WholeFile.write("new", to: path)
    #expect(folder.read("a.txt") == Array("new".utf8))
    #expect(
      folder.names.sorted() == [
        "a.txt", "a.txt.12.partial", "a.txt.3-4.partial", "a.txt.x-2.partial", "b.txt.1-2.partial",
      ])
  }

  @Test(arguments: [215, 216, 255])
  func `a name as long as a file system takes leaves room for the partial one`(count: Int) throws {
    // Two bytes for each letter, so that the end of a shorter name may lie inside of one.
    let name = String(repeating: "x", count: count % 2) + String(repeating: "é", count: count / 2)
    let other = String(name.dropLast()) + "ü"
    let path = folder.file(name)
    for number in 1...2 {
      try WholeFile.write("\(number)", to: path)
      #expect(folder.read(name) == Array("\(number)".utf8))
      try WholeFile.write("other", to: folder.file(other))
    }
    #expect(Set(folder.names) == [name, other])
    unlink(path)
    try PartialFolder(at: path).fill { (inside) throws(NpyError) in
      #expect(inside.utf8.split(separator: UInt8(ascii: "/")).allSatisfy { $0.count <= 255 })
      try WholeFile.write("{}", to: "\(inside)/run.json")
    }
    #expect(folder.read("\(name)/run.json") == Array("{}".utf8))
    #expect(Set(folder.names) == [name, other])
  }

  @Test func `what a dead writer of a long name left goes with the next write of that name alone`()
    throws
  {
    // The beginning of 198 bytes, and FNV-1a of the whole, as the Python package has it.
    let name = String(repeating: "a", count: 255)
    let left = String(repeating: "a", count: 198) + "~7b04934eeef462a6.1-2.partial"
    let others = String(repeating: "a", count: 198) + "~0000000000000000.1-2.partial"
    for leftover in [left, others] { _ = folder.write([1], to: leftover) }
    try WholeFile.write("new", to: folder.file(name))
    #expect(Set(folder.names) == [name, others])
    #expect { try WholeFile.write("new", to: folder.file(name + "a")) } throws: {
      "\($0)".hasSuffix("cannot be opened: File name too long")
    }
  }

  @Test func `a folder appears as a whole, and those of dead writers go`() throws {
    let target = folder.file("run")
    for name in [".run.0123456789ab.partial", ".run.0123456789ac.partial", ".run.01.partial"] {
      mkdir(folder.file(name), 0o777)
      mkdir(folder.file("\(name)/weights"), 0o777)
      _ = folder.write([1], to: "\(name)/weights/w.npy")
    }
    // Killed while its last file was written.
    _ = folder.write([1], to: ".run.0123456789ab.partial/run.json.12-3.partial")
    // Not a run: somebody's own.
    _ = folder.write([1], to: ".run.0123456789ac.partial/thesis.txt")
    try PartialFolder(at: target + "/").fill { (inside) throws(NpyError) in
      #expect(!folder.names.contains("run"))
      try WholeFile.write("{}", to: "\(inside)/run.json")
    }
    #expect(folder.read("run/run.json") == Array("{}".utf8))
    #expect(folder.names.sorted() == [".run.01.partial", ".run.0123456789ac.partial", "run"])
    #expect { try PartialFolder(at: target) } throws: {
      "\($0)" == "\(target): cannot be made a folder: File exists"
    }
  }

  @Test func `a folder that cannot be filled leaves nothing, and the error has its place`() {
    let target = folder.file("run")
    #expect {
      try PartialFolder(at: target).fill { (inside) throws(NpyError) in
        try WholeFile.write("{}", to: "\(inside)/run.json")
        throw .system(file: "\(inside)/x.npy", operation: "be written", reason: "it is full")
      }
    } throws: {
      "\($0)" == "\(target)/x.npy: cannot be written: it is full"
    }
    #expect(folder.names.isEmpty)
    let lost = folder.file("none/run")
    #expect { try PartialFolder.check(lost) } throws: {
      "\($0)" == "\(lost): cannot be made a folder: No such file or directory"
    }
  }

  @Test func `folders and places without a folder are refused`() {
    #expect { try WholeFile.write("x", to: folder.path) } throws: {
      "\($0)" == "\(folder.path): is a directory, expected a regular file"
    }
    let lost = folder.file("none/a.txt")
    #expect { try WholeFile.write("x", to: lost) } throws: {
      "\($0)" == "\(lost): cannot be opened: No such file or directory"
    }
  }
}
