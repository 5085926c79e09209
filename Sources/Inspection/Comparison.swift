import Npy

/// What the command line asks of a comparison.
public struct ComparisonRequest: Sendable {
  /// The paths of two arrays, archives, folders or runs.
  public var paths: (first: String, second: String)
  /// How the result is shown; nil: not at all.
  public var format: InspectionRequest.Format?
  /// What still counts as equal.
  public var tolerance = Tolerance()
  /// The part of each array that is compared.
  public var slice: Subscript?
  /// Whether the text may hold colours.
  public var color = false
  /// Columns of the terminal; nil where lines may be of any length.
  public var width: Int?

  /// - Parameters:
  ///   - first: a path.
  ///   - second: what is compared with it.
  ///   - format: how the result is shown; nil: not at all.
  public init(first: String, second: String, format: InspectionRequest.Format?) {
    paths = (first, second)
    self.format = format
  }
}

/// Compares two arrays, or those of the same name in two files or folders.
public struct Comparison {
  private let request: ComparisonRequest
  private var document = ComparisonDocument()

  /// Compares, and shows the result.
  ///
  /// - Parameters:
  ///   - request: what to compare and how to show it.
  ///   - output: called with pieces of the result, line feeds included.
  ///   - errors: called with one message per array that cannot be read, without a line feed.
  /// - Returns: the exit status, as `diff` has it: 0 when all are equal, 1 when something differs, 2
  ///   when something could not be read.
  public static func run(
    _ request: ComparisonRequest, output: (String) -> Void, errors: (String) -> Void
  ) -> Int32 {
    var comparison = Comparison(request: request)
    comparison.compare()
    let document = comparison.document
    switch request.format {
    case .json: output(JSONText.of(document))
    case .csv, .tsv:
      ComparisonLines(document: document).write(
        Separated(request.format ?? .csv), to: output)
    case .text:
      output(
        ComparisonText(
          document: document, style: Style(color: request.color), width: request.width
        ).text)
    case nil: break
    }
    for failure in document.errors { errors(failure.message) }
    return document.errors.isEmpty ? (document.isEqual ? 0 : 1) : 2
  }

  private init(request: ComparisonRequest) {
    self.request = request
    document.first = request.paths.first
    document.second = request.paths.second
  }

  private mutating func compare() {
    let first = arrays(at: request.paths.first)
    let second = arrays(at: request.paths.second)
    guard document.errors.isEmpty || !first.isEmpty && !second.isEmpty else { return }
    if first.count == 1, second.count == 1, let a = first.first, let b = second.first {
      let name = a.key == b.key ? a.key : ""
      add(a.value, b.value, named: name)
    } else {
      for name in Set(first.keys).union(second.keys).sorted() {
        if let a = first[name], let b = second[name] {
          add(a, b, named: name)
        } else {
          document.differences.append(
            ArrayDifference(name: name, status: first[name] == nil ? .onlySecond : .onlyFirst))
        }
      }
    }
    compareSettings()
    if document.differences.isEmpty && document.errors.isEmpty {
      document.add(
        .badView(
          file: request.paths.first, found: "no array here nor in \(request.paths.second)",
          expected: ".npy, .npz or .safetensors files"), path: request.paths.first)
    }
  }

  /// The arrays at a path by what they are called there: their names in an archive, or their paths in a
  /// folder without `.npy`.
  private mutating func arrays(at path: String) -> [String: FoundArray] {
    var found: [String: FoundArray] = [:]
    var failures: [(String, NpyError)] = []
    let finder = ArrayFinder(wanted: request.slice)
    finder.each(at: path) {
      failures.append(($0, $1))
    } found: { array in
      var name = array.member ?? ""
      if array.path.hasPrefix(path), array.path != path {
        var inner = array.path.dropFirst(path.count).drop { $0 == "/" }
        if inner.hasSuffix(".npy") { inner = inner.dropLast(4) }
        name = name.isEmpty ? String(inner) : "\(inner):\(name)"
      }
      found[name] = array
    }
    for (path, error) in failures { document.add(error, path: path) }
    return found
  }

  private mutating func add(_ a: FoundArray, _ b: FoundArray, named name: String) {
    do throws(NpyError) {
      let pair = try ArrayPair(
        first: a.open { false }, second: b.open { false }, tolerance: request.tolerance)
      document.differences.append(try pair.difference(named: name))
    } catch { document.add(error, path: a.name) }
  }

  /// Two runs differ in their settings, too.
  private mutating func compareSettings() {
    let limit = 64 << 20
    do throws(NpyError) {
      guard Folder.isFolder(request.paths.first), Folder.isFolder(request.paths.second),
        let first = try WholeFile.read("\(request.paths.first)/run.json", limit: limit),
        let second = try WholeFile.read("\(request.paths.second)/run.json", limit: limit)
      else { return }
      document.settings = first == second ? .equal : .moved
    } catch { document.add(error, path: request.paths.first) }
  }
}

/// The result of a comparison, as JSON has it.
struct ComparisonDocument: Codable, Sendable {
  var format = "npyinspect-diff"
  var version = 1
  var first = ""
  var second = ""
  /// By their names.
  var differences: [ArrayDifference] = []
  /// Of two runs: whether their run.json are equal.
  var settings: ArrayDifference.Status?
  var errors: [InspectionDocument.Failure] = []

  enum CodingKeys: String, CodingKey {
    case format, version, first, second
    case differences = "arrays"
    case settings = "run_json"
    case errors
  }

  var isEqual: Bool {
    settings != .moved && differences.allSatisfy { $0.status == .equal }
  }

  mutating func add(_ error: NpyError, path: String) {
    errors.append(.init(path: path, message: error.description))
  }
}
