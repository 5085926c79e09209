import Foundation
import Support
import Testing

/// The library as other languages see it: names, header, and a program in C.
struct LibraryTests {
  @Test func `every function of the header is there, and no other of its kind`() throws {
    let declared = try Tool.declaredNames()
    #expect(declared.count == 28)
    let exported = try Tool.exportedNames(of: Tool.library)
    #expect(exported.filter { $0.hasPrefix("defib_") } == declared)
  }

  /// `make test` installs the library before, and says that it must be there.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Tool.installed)
        || ProcessInfo.processInfo.environment["DEFIB_INSTALLED"] != nil))
  func `the installed library shows the header's functions and nothing else`() throws {
    let exported = try Tool.exportedNames(of: Tool.installed)
    #expect(try exported == Tool.declaredNames(), "is scripts/build-engine due?")
  }

  @Test(arguments: [
    ["gcc", "-std=c11"], ["clang", "-std=c11"], ["gcc", "-std=c99"],
    ["g++", "-std=c++17", "-x", "c++"], ["clang", "-std=c++17", "-x", "c++"],
  ])
  func `the header passes every compiler`(compiler: [String]) throws {
    let (status, output) = try Tool.run(
      compiler + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
        + ["-I", Tool.headers, Tool.programs.appending(path: "header.c").path],
      in: TemporaryFolder())
    #expect(status == 0, "\(output)")
  }

  @Test(arguments: [
    ["gcc", "-std=c11"], ["clang", "-std=c11"], ["g++", "-std=c++17", "-x", "c++"],
  ])
  func `a program in C uses the library, and may abuse it`(compiler: [String]) throws {
    let folder = TemporaryFolder()
    let run = try folder.write(RunFixture.dead())
    let program = try Tool.build("smoke", by: compiler, in: folder)
    let (failures, report) = try Tool.run([program, run], in: folder)
    #expect(failures == 0, "\(report)")
    #expect(report.contains("\"dead-units:relu\""))
  }

  /// `make sanitize` has a million of them.
  @Test func `eight threads call the library at once, and its memory stays flat`() throws {
    let folder = TemporaryFolder()
    let program = try Tool.build("threads", by: ["gcc", "-std=c11"], in: folder)
    let limit = Tool.sanitizer == nil ? "16" : "0"
    let (failures, report) = try Tool.run([program, "20000", limit], in: folder)
    #expect(failures == 0, "\(report)")
  }
}
