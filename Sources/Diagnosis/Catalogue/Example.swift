import Runs

/// A worked example of a rule: a small run and what the rule must make of it. The examples are the
/// rule's tests and a part of its page.
public struct Example: Sendable {
  /// What the rule must do.
  public enum Expectation: Sendable, Equatable {
    /// Report these places, and no others.
    case fires([String])
    /// Report nothing.
    case silent
    /// Say that it could not be checked.
    case cannotTell
  }

  /// What is special about it, in a few words.
  public let title: String
  /// What the rule must do.
  public let expectation: Expectation
  /// Makes the run.
  public let build: @Sendable (inout RunBuilder) -> Void
  /// Where it was written, for messages of the tests.
  public let file: String
  /// The line there.
  public let line: Int

  private init(
    _ title: String, _ expectation: Expectation, _ file: String, _ line: Int,
    _ build: @escaping @Sendable (inout RunBuilder) -> Void
  ) {
    self.title = title
    self.expectation = expectation
    self.build = build
    self.file = file
    self.line = line
  }

  /// An example in which the fault is reported at the places given, as `Place` writes them.
  public static func fires(
    _ title: String, at places: [String], file: String = #fileID, line: Int = #line,
    _ build: @escaping @Sendable (inout RunBuilder) -> Void
  ) -> Example { Example(title, .fires(places), file, line, build) }

  /// An example without the fault.
  public static func silent(
    _ title: String, file: String = #fileID, line: Int = #line,
    _ build: @escaping @Sendable (inout RunBuilder) -> Void
  ) -> Example { Example(title, .silent, file, line, build) }

  /// An example that lacks what the rule needs.
  public static func cannotTell(
    _ title: String, file: String = #fileID, line: Int = #line,
    _ build: @escaping @Sendable (inout RunBuilder) -> Void
  ) -> Example { Example(title, .cannotTell, file, line, build) }
}
