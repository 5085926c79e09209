import Glibc
import LibFuzzer

/// Runs one target, which FUZZ_TARGET names, by the arguments of libFuzzer. The name is no argument, for
/// libFuzzer starts itself again with those it was given.
@main
struct Fuzz {
  static let target = Target.all.first { $0.name == environment("FUZZ_TARGET") }

  /// Seconds of the processor that an input may take: a fifth of it without what watches the engine. Those
  /// of the clock say little on a machine that does other work, too.
  static let limit = 5.0

  static func main() {
    if let folder = environment("FUZZ_SEEDS") { return Seeds.write(to: folder) }
    guard target != nil else {
      print("FUZZ_TARGET names none of: \(Target.all.map(\.name).joined(separator: " "))")
      exit(64)
    }
    SeedShards.keepingOpen {
      var count = CommandLine.argc
      var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
      let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
        Fuzz.test(UnsafeRawBufferPointer(start: data, count: size))
        return 0
      }
      exit(status)
    }
  }

  private static func test(_ input: UnsafeRawBufferPointer) {
    let start = clock()
    target?.test(input)
    let seconds = Double(clock() - start) / 1_000_000
    Target.expect(seconds < limit, "an answer before \(seconds) seconds of the processor")
  }

  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

/// libFuzzer finds this function by its name, and asks it for the next input.
@c(LLVMFuzzerCustomMutator)
public func mutateInput(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  guard let mutate = Fuzz.target?.mutate else { return LLVMFuzzerMutate(data, size, limit) }
  return mutate(UnsafeMutableRawBufferPointer(start: data, count: limit), size, seed)
}
