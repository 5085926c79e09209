import Npy

/// Looks for values that are NaN or infinite.
public enum FiniteCheck {
  /// Checks all arrays of some paths, and shows those that hold such values.
  ///
  /// - Parameters:
  ///   - request: paths, format, slice, colour and width; what else it holds has no part in this.
  ///   - isQuiet: whether nothing is shown.
  ///   - output: called with pieces of the result, line feeds included.
  ///   - errors: called with one message per array that cannot be read, without a line feed.
  /// - Returns: the exit status: 0 when all values are finite, 1 when some are not, 2 when something
  ///   could not be read.
  public static func run(
    _ request: InspectionRequest, isQuiet: Bool = false, output: (String) -> Void,
    errors: (String) -> Void
  ) -> Int32 {
    var document = FiniteDocument()
    for path in request.paths {
      ArrayFinder(wanted: request.options.slice).each(at: path) { path, error in
        document.add(error, path: path)
      } found: { found in
        do throws(NpyError) {
          document.arrays.append(
            try count(found.open { false }, name: found.name))
        } catch { document.add(error, path: found.name) }
      }
    }
    if !isQuiet { show(document, request, output) }
    for failure in document.errors { errors(failure.message) }
    let isFinite = document.arrays.allSatisfy { $0.bad == 0 }
    return document.errors.isEmpty ? (isFinite ? 0 : 1) : 2
  }

  private static func count(_ array: NpyArray, name: String) throws(NpyError) -> FiniteCounts {
    var counts = FiniteCounts(
      array: name, type: array.elementType.name, shape: array.shape, count: array.count)
    switch array.elementType {
    case .float64, .complex64, .complex128: try count(array, Double.self, into: &counts)
    case .float16, .bfloat16, .float32: try count(array, Float.self, into: &counts)
    default: break
    }
    return counts
  }

  private static func count<Value: Sample>(
    _ array: NpyArray, _ value: Value.Type, into counts: inout FiniteCounts
  ) throws(NpyError) {
    guard array.count > 0 else { return }
    var reader = TileReader<Value>(array: array, columns: nil)
    var position = 0
    while position < array.count {
      let end = min(array.count, position + reader.length)
      let tile = try reader.read(position..<end, before: array.count)
      var bad = 0
      for value in tile { bad &+= value - value == 0 ? 0 : 1 }
      if bad > 0 {
        if counts.bad == 0, let first = tile.firstIndex(where: { !$0.isFinite }) {
          counts.first = array.index(of: position + first)
        }
        let nan = tile.count { $0.isNaN }
        counts.nan += nan
        counts.infinite += bad - nan
      }
      position = end
    }
  }

  private static func show(
    _ document: FiniteDocument, _ request: InspectionRequest, _ output: (String) -> Void
  ) {
    let bad = document.arrays.filter { $0.bad > 0 }
    switch request.format {
    case .json: output(JSONText.of(document))
    case .csv, .tsv:
      let form = Separated(request.format)
      output(form.line(["array", "elements", "nan", "infinite", "first"]))
      for array in document.arrays {
        let first = array.first.map { $0.map(String.init).joined(separator: " ") } ?? ""
        output(
          form.line([
            array.array, "\(array.count)", "\(array.nan)", "\(array.infinite)", first,
          ]))
      }
    case .text:
      let style = Style(color: request.color)
      for array in bad {
        let first = (array.first ?? []).map(String.init).joined(separator: ", ")
        let counts = [(array.nan, "NaN"), (array.infinite, "infinite")].filter { $0.0 > 0 }
          .map { "\(NumberText.count($0.0)) \($0.1)" }.joined(separator: ", ")
        let place = array.shape.isEmpty ? "" : "; first at [\(first)]"
        output(style.warning("\(Printable.text(array.array)): \(counts)\(place)") + "\n")
      }
      let total = document.arrays.count
      guard total > 0 else {
        if document.errors.isEmpty { output("no .npy, .npz or .safetensors files\n") }
        return
      }
      let arrays = "\(NumberText.count(total)) array\(total == 1 ? "" : "s")"
      output(
        style.strong(
          bad.isEmpty
            ? "\(arrays), neither NaN nor Inf"
            : "\(NumberText.count(bad.count)) of \(arrays) with NaN or Inf") + "\n")
    }
  }
}

/// What is not finite in one array.
struct FiniteCounts: Codable, Sendable {
  let array: String
  let type: String
  let shape: [Int]
  let count: Int
  var nan = 0
  var infinite = 0
  /// The index of the first such value in the order of the file.
  var first: [Int]?

  var bad: Int { nan + infinite }
}

/// The result for all arrays, as JSON has it.
struct FiniteDocument: Codable, Sendable {
  var format = "npyinspect-check"
  var version = 1
  var arrays: [FiniteCounts] = []
  var errors: [InspectionDocument.Failure] = []

  mutating func add(_ error: NpyError, path: String) {
    errors.append(.init(path: path, message: error.description))
  }
}
