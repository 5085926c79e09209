import CEngine
import Commands
import DefibCommands

/// Does what `defib` or `npyinspect` does with these arguments, and returns the exit status.
@c @implementation
public func defib_command_run(
  _ count: Int32, _ arguments: UnsafePointer<UnsafePointer<CChar>?>?
) -> Int32 {
  let wrongUsage: Int32 = 64
  guard let arguments, (1...Int32(1 << 20)).contains(count) else { return wrongUsage }
  var words: [String] = []
  for index in 0..<Int(count) {
    guard let word = arguments[index] else { return wrongUsage }
    // A name of a file may be no UTF-8; the damaged one is then not found, and named.
    words.append(String(cString: word))
  }
  let name = words.removeFirst().split(separator: "/").last ?? ""
  return name == "npyinspect" ? Inspect<NpyInspect>.run(with: words) : Defib.run(with: words)
}
