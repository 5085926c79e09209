import Npy
import Runs

/// The pass that holds every value of an array against the fences of its column.
struct OutlierPass: PortablePass {
  /// Median and robust deviation of a column.
  struct Column: Sendable {
    let median: Double
    let deviation: Double
  }

  /// What some rows gave.
  struct Partial: Sendable {
    /// By column: the sum of squared distances from the median, of samples far outside …
    var far: [Double]
    /// … and of all.
    var all: [Double]
    /// The first samples far outside.
    var samples: [Sample] = []
    /// How many there are.
    var count = 0
  }

  /// A sample far outside, and the column in which it is farthest.
  struct Sample: Sendable {
    let row: Int
    let column: Int
    let score: Double
  }

  /// Rows that are read at a time.
  private static let chunkRows = 1024

  private let array: NpyArray
  private let name: String
  private let columns: [Column]
  private let chunks: RowChunks
  let home: Run?

  init(_ array: NpyArray, _ name: String, _ columns: [Column], _ home: Run?) {
    self.array = array
    self.name = name
    self.columns = columns
    self.home = home
    chunks = RowChunks(rows: array.rows, size: Self.chunkRows)
  }

  static var kind: PassKind { .outliers }
  var stage: String { "outliers" }
  var laneCount: Int { chunks.laneCount }
  var reads: (names: [String], validation: Bool) { ([name], false) }

  func rows(of lane: Int) -> Range<Int> { chunks.rows(of: lane) }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<Partial> {
    let width = columns.count
    let buffer = try RowBuffer(array, rows: chunks.size)
    return LaneWorker { (lane) throws(RunError) in
      let zeros = [Double](repeating: 0, count: width)
      var partial = Partial(far: zeros, all: zeros)
      try chunks.forEach(of: lane, progress) { (rows) throws(RunError) in
        let values = try buffer.read(rows)
        for row in rows {
          let at = (row - rows.lowerBound) * width
          observe(row, UnsafeBufferPointer(rebasing: values[at..<(at + width)]), &partial)
        }
      }
      return partial
    }
  }

  private func observe(_ row: Int, _ values: UnsafeBufferPointer<Float>, _ partial: inout Partial) {
    var worst = (column: 0, score: 0.0)
    for (column, fence) in columns.enumerated() {
      let distance = abs(Double(values[column]) - fence.median)
      guard distance.isFinite else { continue }
      partial.all[column] += distance * distance
      guard fence.deviation > 0 else { continue }
      let score = distance / fence.deviation
      if score > Outliers.limit { partial.far[column] += distance * distance }
      if score > worst.score { worst = (column, score) }
    }
    guard worst.score > Outliers.limit else { return }
    partial.count += 1
    if partial.samples.count < Outliers.listLimit {
      partial.samples.append(Sample(row: row, column: worst.column, score: worst.score))
    }
  }

  static func merge(_ all: inout Partial, _ next: consuming Partial) {
    for column in all.all.indices {
      all.far[column] += next.far[column]
      all.all[column] += next.all[column]
    }
    all.count += next.count
    all.samples += next.samples.prefix(max(0, Outliers.listLimit - all.samples.count))
  }

  func accepts(_ partial: Partial, of lane: Int) -> Bool {
    partial.far.count == columns.count && partial.all.count == columns.count
      && partial.samples.allSatisfy {
        columns.indices.contains($0.column) && rows(of: lane).contains($0.row)
      }
  }

  func write(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(columns.map(\.median))
    writer.put(columns.map(\.deviation))
  }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let name = try reader.value(String.self)
    let array = try run.arrays([name], validation: false)[0]
    let medians: [Double] = try reader.values(array.rowLength)
    let deviations: [Double] = try reader.values(array.rowLength)
    self.init(
      array, name, zip(medians, deviations).map { Column(median: $0, deviation: $1) }, run)
  }
}

extension OutlierPass.Partial: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(far)
    writer.put(all)
    writer.put(samples)
    writer.put(count)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    far = try reader.value()
    all = try reader.value()
    samples = try reader.value()
    count = try reader.value()
  }
}

extension OutlierPass.Sample: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(row)
    writer.put(column)
    writer.put(score)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    row = try reader.value()
    column = try reader.value()
    score = try reader.value()
  }
}
