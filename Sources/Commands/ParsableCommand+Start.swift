import ArgumentParser
import CArguments
import Glibc
import Npy

extension ParsableCommand {
  /// Runs the command with the arguments of the process, and ends the process.
  public static func start() {
    TextOutput.ignoreSizeSignal()
    let arguments = (1..<max(1, Int(arguments_count()))).compactMap { index in
      arguments_values()?[index].map { String(cString: $0) }
    }
    Glibc.exit(run(with: arguments))
  }

  /// Runs the command with these arguments in a process that goes on afterwards.
  ///
  /// - Parameter arguments: what follows the name.
  /// - Returns: the exit status that a process of its own would have.
  public static func run(with arguments: [String]) -> Int32 {
    do {
      if let meant = (self as? any ChoosingCommand.Type)?.choose(arguments) {
        return meant.command.runParsed(meant.arguments)
      }
      try refuseUnknownCommand(arguments)
      return runParsed(arguments)
    } catch { return end(with: error, arguments) }
  }

  fileprivate static func runParsed(_ arguments: [String]) -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
      return 0
    } catch { return end(with: error, arguments) }
  }

  /// A first word that names no command, where every command has a name: ArgumentParser would call it an
  /// unexpected argument.
  private static func refuseUnknownCommand(_ arguments: [String]) throws {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !takesFiles, !names.isEmpty, let word = arguments.first,
      !word.hasPrefix("-"), !names.contains(word), word != "help"
    else { return }
    throw ValidationError(
      "There is no command '\(Printable.text(word))'."
        + Suggestion.sentence(word, among: names + ["help"]))
  }

  /// Whether words that are no commands are files.
  private static var takesFiles: Bool { (self as? any ChoosingCommand.Type)?.takesFiles ?? false }

  private static func end(with error: any Error, _ arguments: [String]) -> Int32 {
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    if code.isSuccess {
      if !message.isEmpty { _ = Console.output.put(message + "\n") }
    } else if !message.isEmpty {
      _ = Console.errors.put(UsageMessage(message, program: program, arguments: arguments).text)
    }
    return code.rawValue
  }

  /// The first word of what users write.
  private static var program: String {
    let words = configuration._superCommandName ?? configuration.commandName ?? "defib"
    return String(words.prefix { $0 != " " })
  }
}

/// A command that decides by its first arguments which of several is meant.
public protocol ChoosingCommand: ParsableCommand {
  /// Whether a first word that is no command may be a file.
  static var takesFiles: Bool { get }
  /// The command that is meant and what is left for it; nil: this one.
  static func choose(
    _ arguments: [String]
  ) -> (command: any ParsableCommand.Type, arguments: [String])?
}

extension Inspect: ChoosingCommand {
  /// `npyinspect w.npy`.
  public static var takesFiles: Bool { true }

  /// `diff` and `check` are commands; files of these names are `./diff` and `./check`.
  public static func choose(
    _ arguments: [String]
  ) -> (command: any ParsableCommand.Type, arguments: [String])? {
    let rest = Array(arguments.dropFirst())
    switch arguments.first {
    case "diff": return (InspectDiff<Program>.self, rest)
    case "check": return (InspectCheck<Program>.self, rest)
    case "help": return choose(rest + ["--help"]) ?? (Self.self, ["--help"])
    default: return nil
    }
  }
}
