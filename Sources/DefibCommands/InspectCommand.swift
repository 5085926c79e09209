import Commands

/// `defib inspect FILE…`: the same as `npyinspect`.
typealias InspectCommand = Inspect<InspectingDefib>

/// Defib, as it offers the inspector.
enum InspectingDefib: InspectingProgram {
  static let commandName = "inspect"
  static let words = "defib inspect"
  static let version = ""
  static let prefix = Failure.prefix
}
