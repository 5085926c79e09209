import ArgumentParser
import Commands
import Diagnosis
import Npy
import Runs

/// Ends the program: a message on standard error, and an exit status.
enum Failure {
  /// What stands before its message.
  static let prefix = "defib: error: "

  /// Options that name what does not exist: 64.
  static func wrongUsage<T>(_ body: () throws(OptionError) -> T) throws -> T {
    do throws(OptionError) { return try body() } catch {
      let meant = Suggestion.sentence(error.found, among: error.known)
      throw exit(error.description + meant, status: ExitCode.validationFailure.rawValue)
    }
  }

  /// A run that cannot be read or replayed: 2.
  static func unreadable<T>(_ body: () throws(RunError) -> T) throws -> T {
    do throws(RunError) { return try body() } catch { throw exit(error.description, status: 2) }
  }

  /// A result that cannot be kept: 2.
  static func unwritable<T>(_ body: () throws(NpyError) -> T) throws -> T {
    do throws(NpyError) { return try body() } catch { throw exit(error.description, status: 2) }
  }

  /// Writes a result to standard output; 2 when there is no room for it.
  static func write(_ text: String) throws {
    if let reason = Console.output.put(text) {
      throw exit("standard output: \(reason)", status: 2)
    }
  }

  /// Tells the message, and gives what ends the program.
  static func exit(_ message: String, status: Int32) -> ExitCode {
    Console.errors.say(message, prefix: prefix)
    return ExitCode(status)
  }
}
