import Npy

/// Which part of an opened run a run is: another process that has it open finds the same.
struct RunPart: Sendable, Equatable {
  /// Whether it is on the validation data.
  var onValidation = false
  /// Losses that are left out, by their index.
  var dropped: [Int] = []
}

extension RunPart: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(onValidation)
    writer.put(dropped)
  }

  init(from reader: inout ByteReader) throws(ReplayError) {
    onValidation = try reader.value()
    dropped = try reader.value()
  }
}

extension Run {
  /// The part of this run, as it was opened.
  func taking(_ part: RunPart) throws(ReplayError) -> Run {
    guard part.dropped.allSatisfy(losses.indices.contains) else {
      throw .shard("losses of the pass", found: "\(part.dropped)", expected: "losses of the run")
    }
    let run = without(losses: Set(part.dropped))
    guard part.onValidation else { return run }
    guard let other = run.onValidation else {
      throw .shard("data of the pass", found: "validation data", expected: "data of the run")
    }
    return other
  }

  /// This run, if a process that opened it has the same data; else nil.
  var asOpened: Run? { part?.onValidation == false ? self : nil }

  /// Arrays of the data by name.
  func arrays(_ names: [String], validation: Bool) throws(ReplayError) -> [NpyArray] {
    let all = validation ? self.validation : data
    var result: [NpyArray] = []
    for name in names {
      guard let array = all[name] else {
        throw .shard("data of the pass", found: "\"\(name)\"", expected: "data of the run")
      }
      result.append(array)
    }
    return result
  }
}
