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
    var document = InspectionDocument()
    for path in request.paths { inspect(path, request.options, { false }, into: &document) }
    switch request.format {
    case .json: document.writeJSON(output)
    case .text: output(InspectionText(document, color: request.color).text)
    }
    for failure in document.errors { errors(failure.message) }
    return document.errors.isEmpty ? 0 : 2
  }

  /// The JSON of one path: of an array, an object like an element of `arrays` in the document of the
  /// command line; of an archive or a folder, that document.
  ///
  /// - Parameters:
  ///   - path: a file or a folder.
  ///   - options: how much is measured.
  ///   - isCancelled: asked now and then, by several threads; once true, the work ends soon, and what
  ///     it gives is worth nothing.
  /// - Throws: `NpyError` when a .npy file cannot be read. What cannot be read in an archive or a
  ///   folder is listed under `errors` instead.
  public static func json(
    path: String, options: InspectionOptions = InspectionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) -> String {
    if !Folder.isFolder(path) && !isArchive(path) {
      return try JSONText.of(array(path: path, options: options, isCancelled: isCancelled))
    }
    var document = InspectionDocument()
    inspect(path, options, isCancelled, into: &document)
    return document.json
  }

  /// Inspects one .npy file.
  ///
  /// - Throws: `NpyError` when it cannot be read.
  public static func array(
    path: String, options: InspectionOptions = InspectionOptions(),
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(NpyError) -> ArrayInspection {
    let array = try NpyArray(path: path)
    return try ArrayInspection(
      measuring: array, path: path, options: options, isCancelled: isCancelled)
  }

  private static func inspect(
    _ path: String, _ options: InspectionOptions, _ isCancelled: @escaping @Sendable () -> Bool,
    into document: inout InspectionDocument
  ) {
    if isCancelled() { return }
    do throws(NpyError) {
      if Folder.isFolder(path) {
        let files = Folder.arrays(in: path) { document.add($1, path: $0) }
        for file in files { inspect(file, options, isCancelled, into: &document) }
      } else if isArchive(path) {
        try inspectArchive(path, options, isCancelled, into: &document)
      } else {
        document.add(try array(path: path, options: options, isCancelled: isCancelled))
      }
    } catch {
      document.add(error, path: path)
    }
  }

  private static func inspectArchive(
    _ path: String, _ options: InspectionOptions, _ isCancelled: @escaping @Sendable () -> Bool,
    into document: inout InspectionDocument
  ) throws(NpyError) {
    let archive = try NpyArchive(path: path)
    for member in archive.members where !isCancelled() {
      do throws(NpyError) {
        let array = try archive.array(of: member, isCancelled: isCancelled)
        document.add(
          try ArrayInspection(
            measuring: array, path: path, member: member, options: options,
            isCancelled: isCancelled))
      } catch {
        document.add(error, path: "\(path):\(member.name)")
      }
    }
  }

  private static func isArchive(_ path: String) -> Bool {
    path.hasSuffix(".npz") || Folder.beginsLikeArchive(path)
  }
}
