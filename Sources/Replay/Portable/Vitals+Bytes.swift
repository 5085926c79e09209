import Runs

extension UnitMoments: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(count)
    writer.put(mean)
    writer.put(squares)
    writer.put(minimum)
    writer.put(maximum)
    writer.put(zeros)
    writer.put(below)
    writer.put(above)
    writer.put(nonFinite)
    writer.put(firstNonFinite)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    let count = try reader.value([Int].self)
    self.init(units: count.count)
    self.count = count
    mean = try reader.values(units)
    squares = try reader.values(units)
    minimum = try reader.values(units)
    maximum = try reader.values(units)
    zeros = try reader.values(units)
    below = try reader.values(units)
    above = try reader.values(units)
    nonFinite = try reader.values(units)
    firstNonFinite = try reader.value()
  }
}

extension GradientMoments: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(magnitude)
    writer.put(squares)
    writer.put(maximum)
    writer.put(zeros)
    writer.put(nonFinite)
    writer.put(count)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    let magnitude = try reader.value([Double].self)
    self.init(units: magnitude.count)
    self.magnitude = magnitude
    squares = try reader.values(units)
    maximum = try reader.values(units)
    zeros = try reader.values(units)
    nonFinite = try reader.values(units)
    count = try reader.value()
  }
}

extension ClassCounts: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(predicted)
    writer.put(actual)
    writer.put(correct)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    predicted = try reader.value()
    actual = try reader.value()
    correct = try reader.value()
    for column in predicted.indices {
      let labels = predicted[column].count
      guard actual.count == predicted.count, correct.count == predicted.count,
        actual[column].count == labels, correct[column].count == labels
      else {
        throw .shard("class counts of a shard", found: "tables of two sizes", expected: "of one")
      }
    }
  }

  /// Whether another one counts the same labels.
  func hasShape(of other: ClassCounts) -> Bool {
    predicted.map(\.count) == other.predicted.map(\.count)
  }
}

extension LossVitals: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(weight)
    writer.put(value)
    writer.put(aligned)
    writer.put(classes)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    self.init(weight: try reader.value())
    value = try reader.value()
    aligned = try reader.value()
    classes = try reader.value()
  }
}

extension ByteReader {
  /// As many values as units.
  mutating func values<Value: Portable>(_ units: Int) throws(RunError) -> [Value] {
    let values = try value([Value].self)
    guard values.count == units else {
      throw .shard(
        "measurements of a shard", found: "\(values.count) values",
        expected: "\(units), one per unit")
    }
    return values
  }
}
