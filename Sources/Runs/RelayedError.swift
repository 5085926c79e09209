/// An error of a lane that another process did.
public struct RelayedError: Error, Equatable, Sendable {
  /// The message, as that process has it.
  public let message: String
  /// Whether it is the replay that cannot be done.
  public let isReplay: Bool
  /// Whether memory or another resource ran out.
  public let isSystem: Bool

  package init(_ error: RunError) {
    (message, isReplay, isSystem) = (error.description, error.isReplay, error.isSystem)
  }

  /// An error by its parts, as they came from another process.
  package init(message: String, isReplay: Bool, isSystem: Bool) {
    (self.message, self.isReplay, self.isSystem) = (message, isReplay, isSystem)
  }
}
