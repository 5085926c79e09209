import Npy
import Operators
import Runs
import Tensors

/// The pass that looks for targets that one loss refuses: rows that may be wrong are given to it one by
/// one.
struct TargetPass: PortablePass {
  /// What some rows gave.
  struct Partial: Sendable {
    /// Samples with such a target.
    var count = 0
    /// The first of them.
    var first: [Refused] = []
    /// What the loss expects; nil when there are none.
    var expected: String?
  }

  /// One sample, and what is there.
  struct Refused: Sendable {
    let sample: Int
    let found: String
  }

  /// The prediction's shape for one sample.
  let prediction: Shape
  let classes: Int
  let home: Run?
  private let index: Int
  private let term: Run.LossTerm
  private let array: NpyArray
  private let target: Shape
  private let chunks: RowChunks

  /// - Returns: nil when the loss takes no class indices, or there are no targets.
  init?(_ run: Run, _ index: Int) throws(RunError) {
    let term = run.losses[index]
    guard type(of: term.loss).info.targets == .classes, run.samples > 0,
      let array = run.data[term.target]
    else { return nil }
    let plan = try Plan(run, rows: min(run.batchSize, 64))
    let dims = plan.operands[term.prediction].shape.dims
    let prediction = try Self.shape([1] + dims.dropFirst())
    let single = try Self.shape([1] + array.shape.dropFirst())
    guard single != prediction, prediction.rank > 1 else { return nil }
    self.index = index
    self.term = term
    self.array = array
    self.prediction = prediction
    target = single
    classes = prediction[1]
    chunks = RowChunks(rows: array.rows, width: array.rowLength)
    home = run.asOpened
  }

  static func isClass(_ value: Float, _ classes: Int) -> Bool {
    value >= 0 && value < Float(classes) && value == value.rounded(.towardZero)
  }

  private static func shape(_ dims: [Int]) throws(RunError) -> Shape {
    do throws(TensorError) { return try Shape(dims) } catch { throw .system(error) }
  }

  static var kind: PassKind { .targets }
  var stage: String { "targets" }
  var laneCount: Int { chunks.laneCount }
  var reads: (names: [String], validation: Bool) { ([term.target], false) }

  func rows(of lane: Int) -> Range<Int> { chunks.rows(of: lane) }

  func worker(_ progress: Progress) throws(RunError) -> LaneWorker<Partial> {
    let buffer = try RowBuffer(array, rows: chunks.size)
    let scores = try Scores(prediction)
    return LaneWorker { (lane) throws(RunError) in
      var partial = Partial()
      try chunks.forEach(of: lane, progress) { (rows) throws(RunError) in
        guard let base = try buffer.read(rows).baseAddress else { return }
        for row in rows {
          let target = Tensor(base + (row - rows.lowerBound) * buffer.width, target)
          guard isSuspect(target), let (found, expected) = try refusal(target, scores.tensor)
          else { continue }
          partial.expected = partial.expected ?? expected
          partial.count += 1
          if partial.first.count < RefusedTargets.listed {
            partial.first.append(Refused(sample: row, found: found))
          }
        }
      }
      return partial
    }
  }

  /// Scores of zero for one sample.
  private struct Scores {
    let arena: Arena
    let tensor: Tensor

    init(_ prediction: Shape) throws(RunError) {
      do throws(TensorError) {
        arena = try Arena(bytes: Arena.bytes(prediction.count))
        tensor = try arena.tensor(prediction)
      } catch { throw .system(error) }
    }
  }

  private func isSuspect(_ target: Tensor) -> Bool {
    target.buffer.contains { !Self.isClass($0, classes) }
  }

  /// Why the loss refuses the target of a sample; nil when it does not.
  private func refusal(
    _ target: Tensor, _ scores: Tensor
  ) throws(RunError) -> (found: String, expected: String)? {
    do throws(OperatorError) {
      _ = try term.loss.evaluate(LossStep(prediction: scores, target: target))
      return nil
    } catch {
      if case .target(_, let found, let expected) = error { return (found, expected) }
      throw .loss(term.place, kind: term.kind, error)
    }
  }

  static func merge(_ all: inout Partial, _ next: consuming Partial) {
    all.count += next.count
    all.expected = all.expected ?? next.expected
    all.first += next.first.prefix(max(0, RefusedTargets.listed - all.first.count))
  }

  func accepts(_ partial: Partial, of lane: Int) -> Bool {
    partial.first.allSatisfy { rows(of: lane).contains($0.sample) }
  }

  func write(to writer: inout ByteWriter) { writer.put(index) }

  init(_ run: Run, from reader: inout ByteReader) throws(RunError) {
    let index = try reader.value(Int.self)
    guard run.losses.indices.contains(index), let pass = try Self(run, index) else {
      throw .shard("loss of the pass", found: "\(index)", expected: "one on class indices")
    }
    self = pass
  }
}

extension TargetPass.Partial: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(count)
    writer.put(first)
    writer.put(expected)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    count = try reader.value()
    first = try reader.value()
    expected = try reader.value()
  }
}

extension TargetPass.Refused: Portable {
  func write(to writer: inout ByteWriter) {
    writer.put(sample)
    writer.put(found)
  }

  init(from reader: inout ByteReader) throws(RunError) {
    sample = try reader.value()
    found = try reader.value()
  }
}
