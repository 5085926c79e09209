import Commands
import Npy

/// The standalone inspector.
enum NpyInspect: InspectingProgram {
  static let commandName = "npyinspect"
  static let version = "\(Release.version)"
  static let prefix = "npyinspect: "
}
