import Glibc

/// What is fed with inputs: a way into the engine that takes bytes of others.
struct Target: Sendable {
  /// Changes an input in place, which may grow up to the limit, and returns its size.
  typealias Mutate =
    @Sendable (_ bytes: UnsafeMutableRawBufferPointer, _ size: Int, _ seed: UInt32) -> Int

  let name: String
  /// Knows the form of inputs; nil leaves changing them to libFuzzer.
  var mutate: Mutate?
  /// Does with one input what a user would. Whatever it makes of the engine, a trap, memory that is
  /// not the engine's own, a leak, a hang and a promise that does not hold end the process.
  let test: @Sendable (_ input: UnsafeRawBufferPointer) -> Void

  static let all: [Target] = [
    .npy, .npz, .safetensors, .toml, .json, .run, .replay, .check, .pass, .lanes, .report,
  ]

  /// Ends the process where a promise does not hold.
  static func expect(_ holds: Bool, _ promise: @autoclosure () -> String) {
    guard !holds else { return }
    let line = "broken promise: \(promise())\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    abort()
  }
}
