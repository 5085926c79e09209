import ArgumentParser
import CArguments
import Npy

extension ParsableCommand {
  /// Runs the command with the arguments of the process, and ends the process.
  public static func start() {
    TextOutput.ignoreSizeSignal()
    let arguments = (1..<max(1, Int(arguments_count()))).compactMap { index in
      arguments_values()?[index].map { String(cString: $0) }
    }
    main(arguments)
  }

  /// Runs the command with these arguments in a process that goes on afterwards.
  ///
  /// - Parameter arguments: what follows the name.
  /// - Returns: the exit status that a process of its own would have.
  public static func run(with arguments: [String]) -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if !message.isEmpty {
        _ = (code.isSuccess ? Console.output : Console.errors).put(message + "\n")
      }
      return code.rawValue
    }
  }
}
