import Npy

extension Run {
  /// The same run on other values of some of its data, all with as many rows.
  package func replacingData(_ values: [String: NpyArray], rows: Int) -> Run {
    var other = Run(
      graph: graph, data: data.merging(values) { $1 }, validation: validation, losses: losses,
      training: training, history: history, provenance: provenance, snapshots: snapshots,
      samples: rows, nominalBatch: nominalBatch)
    other.memory = memory
    other.squeezed = squeezed
    return other
  }

  /// The same run on at most `limit` of its rows, chosen by a fixed seed and kept in order, in
  /// memory; the run itself when it has no more.
  ///
  /// - Throws: `RunError.npy` when the data cannot be read.
  public func subsample(_ limit: Int, seed: UInt64 = 1) throws(RunError) -> Run {
    guard samples > limit else { return self }
    return try selecting(strata(limit, seed: seed))
  }

  /// At most `limit` rows in order: one of each of as many even strata, so that they are spread over
  /// the file.
  package func strata(_ limit: Int, seed: UInt64 = 1) -> [Int] {
    guard samples > limit else { return Array(0..<samples) }
    var random = FixedRandom(seed: seed)
    return (0..<limit).map { index in
      let start = index * samples / limit
      let end = (index + 1) * samples / limit
      return start + Int(random.next() % UInt64(max(1, end - start)))
    }
  }

  /// The same run on some of its rows, in memory.
  ///
  /// - Throws: `RunError.npy` when the data cannot be read.
  package func selecting(_ rows: [Int]) throws(RunError) -> Run {
    var values: [String: NpyArray] = [:]
    for (name, array) in data { values[name] = try array.selecting(rows) }
    return replacingData(values, rows: rows.count)
  }
}

extension NpyArray {
  /// Some rows as float32 in memory.
  ///
  /// - Throws: `RunError.npy` when they cannot be read.
  package func selecting(_ rows: [Int]) throws(RunError) -> NpyArray {
    let block = FloatBlock(rows.count * rowLength)
    try bridging(read(rows: rows, into: block.buffer))
    return try block.array([rows.count] + shape.dropFirst(), name: file)
  }
}
