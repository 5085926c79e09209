import Npy

/// The standalone inspector.
public enum NpyInspect: InspectingProgram {
  /// Its name.
  public static let commandName = "npyinspect"
  /// What users write to call it.
  public static let words = "npyinspect"
  /// What `--version` prints.
  public static let version = "\(Release.version)"
  /// What stands before a message.
  public static let prefix = "npyinspect: error: "
}
