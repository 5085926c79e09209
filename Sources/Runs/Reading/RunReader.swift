import Npy

extension Run {
  /// The most bytes of a run.json.
  public static let documentLimit = JSONReader.Limits().bytes

  /// Reads the run in a folder; what opens it to the world is `Run.open`.
  ///
  /// - Parameters:
  ///   - folder: the folder with the run.json.
  ///   - isCancelled: asked now and then; once true, the call ends by `RunError.cancelled`.
  /// - Throws: `RunError` when run.json or an array that it names is missing, damaged, or does
  ///   not fit.
  package init(
    reading folder: String, isCancelled: @escaping () -> Bool = { false }
  ) throws(RunError) {
    let source = RunSource(.folder(folder), isCancelled)
    let bytes = try source.document()
    try self.init(bytes, file: "\(folder)/run.json", from: source)
    self.folder = folder
  }

  /// Makes a run of the text of a run.json and the arrays that it names, by path.
  ///
  /// - Parameters:
  ///   - json: the text.
  ///   - arrays: by the paths in it.
  ///   - isCancelled: asked now and then; once true, the call ends by `RunError.cancelled`.
  /// - Throws: `RunError` when the text is damaged, or does not fit the arrays.
  package init(
    reading json: String, arrays: [String: NpyArray], isCancelled: @escaping () -> Bool = { false }
  ) throws(RunError) {
    let source = RunSource(.memory(arrays), isCancelled)
    try self.init(Array(json.utf8), file: "run.json", from: source)
  }

  private init(_ bytes: [UInt8], file: String, from source: RunSource) throws(RunError) {
    try self.init(Self.parse(bytes, file: file, source.isCancelled), from: source)
    memory = .machine
    identity = bytes.withUnsafeBytes { Digest.of(bytes: $0) }
    let arrays =
      graph.parameters.map(\.array)
      + [data, validation].flatMap { arrays in arrays.keys.sorted().compactMap { arrays[$0] } }
    for array in arrays {
      for length in array.shape {
        identity = Digest.mix(identity, UInt64(bitPattern: Int64(length)))
      }
    }
    part = RunPart()
  }

  private static func parse(
    _ bytes: [UInt8], file: String, _ isCancelled: @escaping () -> Bool
  ) throws(RunError) -> JSONValue {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(JSONReader.Failure) in
        try JSONReader.read(bytes, isCancelled: isCancelled)
      }
    }
    do throws(JSONReader.Failure) { return try result.get() } catch {
      if error.isCancelled { throw .cancelled }
      throw .document(file, reason: error.reason)
    }
  }

  init(_ document: JSONValue, from source: RunSource) throws(RunError) {
    let fields = try Fields(
      document, at: "",
      known: [
        "format", "version", "graph", "data", "validation", "losses", "training", "history",
        "provenance", "snapshots",
      ])
    _ = try fields.choice("format", of: ["defib-run"])
    guard try fields.string("format") == "defib-run", try fields.count("version") == 1 else {
      throw .run("version", found: fields["version"]?.kind ?? "nothing", expected: "1")
    }
    let graph = try GraphReader.read(fields["graph"] ?? .null, from: source)
    let data = try Self.arrays(fields, "data", from: source)
    let validation = try Self.arrays(fields, "validation", from: source)
    try ColumnReader.check(graph.columns, data)
    let inputs = graph.inputs.map { graph.tensors[$0] }
    let losses = try LossReader.read(try fields.list("losses"), graph: graph, data: data)
    self.graph = graph
    self.data = data
    self.validation = validation
    self.losses = losses
    training = try TrainingReader.read(fields["training"], parameters: graph.parameters)
    history = try Self.series(fields, from: source)
    provenance = try fields.stringMap("provenance")
    snapshots = try SnapshotReader.read(fields, graph.parameters, from: source)
    samples = try Self.rows(of: data, inputs: inputs, in: "data") ?? 1
    nominalBatch = min(training.batchSize ?? samples, max(1, samples))
    origin = Origin(document: document, place: source.place)
    if !validation.isEmpty {
      let needed = inputs + losses.map(\.target)
      _ = try Self.rows(of: validation, inputs: needed, in: "validation")
    }
  }

  private static func arrays(
    _ fields: Fields, _ key: String, from source: RunSource
  ) throws(RunError) -> [String: NpyArray] {
    var result: [String: NpyArray] = [:]
    for (name, path) in try fields.stringMap(key).sorted(by: { $0.key < $1.key }) {
      result[name] = try source.rows(path, at: "\(key).\(name)")
    }
    return result
  }

  /// The common number of rows of all arrays, each of which must have an axis 0; nil for none.
  private static func rows(
    of arrays: [String: NpyArray], inputs: [String], in place: String
  ) throws(RunError) -> Int? {
    for name in inputs where arrays[name] == nil {
      throw .run("\(place).\(name)", found: "nothing", expected: "the file of that tensor")
    }
    var first: (name: String, rows: Int)?
    for name in arrays.keys.sorted() {
      guard let array = arrays[name] else { continue }
      guard !array.shape.isEmpty else {
        throw .array(array.file, found: "a single number", expected: "one row per sample")
      }
      guard array.shape[0] == 0 || !array.shape.dropFirst().contains(0) else {
        throw .array(
          array.file, found: "shape \(array.shape), rows without a value",
          expected: "at least one value per row")
      }
      if let first, first.rows != array.shape[0] {
        throw .array(
          array.file, found: "\(array.shape[0]) rows",
          expected: "\(first.rows), as in \(place).\(first.name)")
      }
      first = first ?? (name, array.shape[0])
    }
    return first?.rows
  }

  /// The most values of a series: 128 MiB of them.
  private static let historyLimit = 1 << 24

  private static func series(
    _ fields: Fields, from source: RunSource
  ) throws(RunError) -> [String: Series] {
    guard let value = fields["history"] else { return [:] }
    guard case .object(let members) = value else {
      throw .run("history", found: value.kind, expected: "an object")
    }
    var result: [String: Series] = [:]
    for name in members.keys.sorted() {
      let entry = try Fields(members[name] ?? .null, at: "history.\(name)", known: ["file", "per"])
      let array = try source.array(try entry.string("file"), at: entry.path(of: "file"))
      guard array.shape.count <= 1 else {
        throw .array(array.file, found: "shape \(array.shape)", expected: "a list of numbers")
      }
      guard array.count <= Self.historyLimit else {
        throw .array(
          array.file, found: "\(array.count) values",
          expected: "at most \(Self.historyLimit): means of several steps tell as much")
      }
      let per = try entry.choice("per", of: ["epoch", "step"])
      result[name] = Series(array: array, perEpoch: per != "step")
    }
    return result
  }
}
