import Npy

/// Which part of an opened run a run is: another process that has it open finds the same.
package struct RunPart: Sendable, Equatable {
  /// Whether it is on the validation data.
  package var onValidation = false
  /// Losses that are left out, by their index.
  package var dropped: [Int] = []

  /// All of the run, on its training data.
  package init() {}
}

extension Run {
  /// The part of this run, as it was opened.
  package func taking(_ part: RunPart) throws(RunError) -> Run {
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
  package var asOpened: Run? { part?.onValidation == false ? self : nil }

  /// Arrays of the data by name.
  package func arrays(_ names: [String], validation: Bool) throws(RunError) -> [NpyArray] {
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
