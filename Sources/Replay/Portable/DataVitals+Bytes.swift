import Runs

extension ArrayVitals: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(shape)
    writer.put(columns)
    writer.put(smallestSample)
    writer.put(largestSample)
    writer.put(labels.map { $0.sorted { $0.key < $1.key }.map { LabelCount($0.key, $0.value) } })
    writer.put(digest)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    name = try reader.value()
    shape = try reader.value()
    columns = try reader.value()
    smallestSample = try reader.value()
    largestSample = try reader.value()
    let counts = try reader.value([LabelCount]?.self)
    labels = counts.map { counts in
      Dictionary(counts.map { ($0.label, $0.count) }, uniquingKeysWith: { first, _ in first })
    }
    digest = try reader.value()
  }
}

extension DataVitals: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(arrays.sorted { $0.key < $1.key }.map(\.value))
  }

  init(from reader: inout ByteReader) throws(RunError) {
    let all = try reader.value([ArrayVitals].self)
    self.init(
      arrays: Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
  }
}

/// How often one label occurs.
private struct LabelCount: Portable {
  let label: Float
  let count: Int

  init(_ label: Float, _ count: Int) { (self.label, self.count) = (label, count) }

  func write(to writer: inout ByteWriter) {
    writer.put(label)
    writer.put(count)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    label = try reader.value()
    count = try reader.value()
  }
}
