import Diagnosis

/// A way to show a report. One file a format.
public protocol ReportFormat: Sendable {
  /// The name on the command line and in the C interface.
  static var name: String { get }

  /// The whole report, with a line feed at its end.
  func render(_ report: Report) -> String
}

/// Every format there is.
public enum ReportFormats {
  /// Their names, the one for people first.
  public static let names = [TextReport.name, JSONReport.name]

  /// The format of a name, without colours and for lines of 80 columns; nil when there is none.
  public static func named(_ name: String) -> (any ReportFormat)? {
    switch name {
    case TextReport.name: TextReport()
    case JSONReport.name: JSONReport()
    default: nil
    }
  }
}
