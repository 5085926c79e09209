import Npy

/// The entry that the command line and the library share.
public enum Inspector {
  /// Inspects files and shows the result.
  ///
  /// A file that cannot be read does not keep the others from being shown.
  ///
  /// - Parameters:
  ///   - request: what to inspect and how to show it.
  ///   - output: called with pieces of the result, line feeds included.
  ///   - errors: called with one message per file that cannot be read, without a line feed.
  /// - Returns: the exit status: 0, or 2 when a file could not be read.
  public static func run(
    _ request: InspectionRequest, output: (String) -> Void, errors: (String) -> Void
  ) -> Int32 {
    if let rows = request.head {
      return ElementView(request: request, rows: rows).run(output: output, errors: errors)
    }
    var document = InspectionDocument()
    for path in request.paths { inspect(path, request.options, { false }, into: &document) }
    switch request.format {
    case .json: document.writeJSON(output)
    case .csv, .tsv:
      InspectionLines(document: document, options: request.options)
        .write(Separated(request.format), to: output)
    case .text:
      output(
        InspectionText(
          document, color: request.color, width: request.width, options: request.options
        ).text)
    }
    for failure in document.errors { errors(failure.message) }
    return document.errors.isEmpty ? 0 : 2
  }

  /// The JSON of one path: of an array, an object like an element of `arrays` in the document of the
  /// command line; of an archive or a folder, that document.
  ///
  /// - Parameters:
  ///   - path: a file or a folder, or a part of a file such as `w.npy[0, :]`.
  ///   - options: how much is measured.
  ///   - isCancelled: asked now and then, by several threads; once true, the work ends soon, and what
  ///     it gives is worth nothing.
  /// - Throws: `NpyError` when a .npy file cannot be read. What cannot be read in an archive or a
  ///   folder is listed under `errors` instead.
  public static func json(
    path: String, options: InspectionOptions = InspectionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) -> String {
    let place = try ArrayPath(path)
    if place.member == nil, place.wanted == nil, Folder.isFolder(path) {
      var document = InspectionDocument()
      inspect(path, options, isCancelled, into: &document)
      return document.json
    }
    let file = try ArrayFile(path: place.file)
    var found: [FoundArray] = []
    let finder = ArrayFinder(wanted: options.slice, isCancelled: isCancelled)
    try finder.each(in: file, place) { found.append($0) }
    if let only = found.first, only.member == nil || place.member != nil {
      return JSONText.of(try inspection(of: only, options, isCancelled))
    }
    var document = InspectionDocument()
    for array in found { add(array, options, isCancelled, to: &document) }
    return document.json
  }

  /// The JSON of an array in memory, an object like that of a file.
  ///
  /// - Parameters:
  ///   - path: what the array is called.
  ///   - options: how much is measured.
  ///   - isCancelled: asked now and then, by several threads.
  /// - Throws: `NpyError` when the elements cannot be read.
  public static func json(
    _ array: NpyArray, path: String, options: InspectionOptions = InspectionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) -> String {
    JSONText.of(
      try inspection(
        of: FoundArray(path: path, wanted: options.slice, shape: array.shape) {
          _ throws(NpyError) in array
        }, options, isCancelled))
  }

  /// Inspects one .npy file.
  ///
  /// - Throws: `NpyError` when it cannot be read.
  public static func array(
    path: String, options: InspectionOptions = InspectionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) -> ArrayInspection {
    let array = try NpyArray(path: path)
    return try inspection(
      of: FoundArray(path: path, wanted: options.slice) { _ throws(NpyError) in array },
      options, isCancelled)
  }

  private static func inspection(
    of found: FoundArray, _ options: InspectionOptions,
    _ isCancelled: @escaping @Sendable () -> Bool
  ) throws(NpyError) -> ArrayInspection {
    try ArrayInspection(
      measuring: found.open(isCancelled), found: found, options: options,
      isCancelled: isCancelled)
  }

  private static func inspect(
    _ path: String, _ options: InspectionOptions, _ isCancelled: @escaping @Sendable () -> Bool,
    into document: inout InspectionDocument
  ) {
    if isCancelled() { return }
    let finder = ArrayFinder(wanted: options.slice, isCancelled: isCancelled)
    finder.each(at: path) { path, error in
      document.add(error, path: path)
    } found: { found in
      add(found, options, isCancelled, to: &document)
    }
  }

  private static func add(
    _ found: FoundArray, _ options: InspectionOptions,
    _ isCancelled: @escaping @Sendable () -> Bool, to document: inout InspectionDocument
  ) {
    if isCancelled() { return }
    do throws(NpyError) {
      document.add(try inspection(of: found, options, isCancelled))
    } catch {
      document.add(error, path: found.name)
    }
  }
}
