import CEngine
import Foundation
import Testing

@testable import Engine

/// The commands, called in a process that goes on afterwards.
struct CommandLineTests {
  private func run(_ words: [String]) -> Int32 {
    let copies = words.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return copies.map { UnsafePointer($0) }.withUnsafeBufferPointer {
      defib_command_run(Int32($0.count), $0.baseAddress)
    }
  }

  @Test(
    arguments: [
      (["defib", "--version"], 0), (["/usr/bin/npyinspect", "--version"], 0),
      (["defib", "check", "/nowhere"], 2), (["npyinspect", "/nowhere"], 2),
      (["defib", "rules", "no-such-rule"], 64), (["defib", "--no-such-option"], 64),
    ] as [([String], Int32)])
  func `a command returns its exit status`(words: [String], status: Int32) {
    #expect(run(words) == status)
  }

  @Test func `no arguments are wrong usage`() {
    #expect(defib_command_run(0, nil) == 64)
    #expect(defib_command_run(1, nil) == 64)
    var words: [UnsafePointer<CChar>?] = [nil]
    #expect(defib_command_run(1, &words) == 64)
    #expect(defib_command_run(-1, &words) == 64)
  }
}
