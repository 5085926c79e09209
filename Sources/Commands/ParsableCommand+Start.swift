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
}
