import Glibc
import LibFuzzer

/// Runs one target, which FUZZ_TARGET names, by the arguments of libFuzzer. The name is no argument, for
/// libFuzzer starts itself again with those it was given.
@main
struct Fuzz {
  static let target = Target.all.first { $0.name == environment("FUZZ_TARGET") }

  static func main() {
    if let folder = environment("FUZZ_SEEDS") { return Seeds.write(to: folder) }
    guard target != nil else {
      print("FUZZ_TARGET names none of: \(Target.all.map(\.name).joined(separator: " "))")
      exit(64)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
      Fuzz.target?.test(UnsafeRawBufferPointer(start: data, count: size))
      return 0
    }
    exit(status)
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
