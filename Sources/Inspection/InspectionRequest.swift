import Npy

/// How much is measured of each array.
public struct InspectionOptions: Sendable, Equatable {
  /// Columns of a matrix that are measured and shown, from the first one.
  public var columns: Int
  /// Bins of the histogram.
  public var bins: Int
  /// Threads; the result does not depend on them.
  public var threads: Int
  /// Whether the header alone is looked at.
  public var isMeta = false
  /// Whether quantiles are looked for, which takes two more looks at the elements, or four.
  public var quantiles = false
  /// The part of each array that is inspected; nil for the whole.
  public var slice: Subscript?

  /// Columns that a text shows unless told otherwise.
  public static let textColumns = 8
  /// Columns that JSON holds unless told otherwise.
  public static let jsonColumns = 1024

  /// Creates options; numbers out of range are brought into it.
  ///
  /// - Parameters:
  ///   - columns: from 0 to 65536.
  ///   - bins: from 1 to 128.
  ///   - threads: at least 1; `nil` takes what the machine has.
  public init(columns: Int = Self.jsonColumns, bins: Int = 16, threads: Int? = nil) {
    self.columns = min(max(0, columns), 65536)
    self.bins = min(max(1, bins), 128)
    self.threads = min(max(1, threads ?? Threads.available), 256)
  }
}

/// What the command line asks for. Every program that offers the inspector fills one of these.
public struct InspectionRequest: Sendable {
  /// Files, and folders whose .npy and .npz files are taken.
  public var paths: [String]
  /// How the result is shown.
  public var format: Format
  /// How much is measured.
  public var options: InspectionOptions
  /// Whether the text may hold colours.
  public var color: Bool
  /// Columns of the terminal, which a table does not exceed; nil where lines may be of any length.
  public var width: Int?
  /// How many rows of elements are shown in place of what is known about them; nil for none.
  public var head: Int?

  /// The forms of the result.
  public enum Format: String, Sendable, CaseIterable {
    /// For people: one page for one array, a table for many.
    case text
    /// For programs: one document for any number of arrays.
    case json
    /// For spreadsheets: a line per array, or per row of elements.
    case csv
    /// The same with tabs.
    case tsv
  }

  /// Creates a request.
  ///
  /// - Parameters:
  ///   - paths: files and folders.
  ///   - format: how the result is shown.
  ///   - columns: columns of a matrix; `nil` takes the default of the format.
  ///   - bins: bins of the histogram.
  ///   - threads: threads; `nil` takes what the machine has.
  ///   - color: whether the text may hold colours.
  public init(
    paths: [String], format: Format = .text, columns: Int? = nil, bins: Int = 16,
    threads: Int? = nil, color: Bool = false
  ) {
    self.paths = paths
    self.format = format
    self.color = color
    let standard =
      format != .json ? InspectionOptions.textColumns : InspectionOptions.jsonColumns
    options = InspectionOptions(columns: columns ?? standard, bins: bins, threads: threads)
  }
}
