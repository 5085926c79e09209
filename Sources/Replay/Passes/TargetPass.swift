import Npy
import Operators
import Tensors

/// Targets of one loss that the loss refuses, such as a class index that no output stands for.
public struct RefusedTargets: Sendable {
  /// The loss's place in the run's list.
  public let index: Int
  /// The loss.
  public let term: Run.LossTerm
  /// Samples with such a target.
  public internal(set) var count: Int
  /// The first of them, with what is there.
  public internal(set) var first: [(sample: Int, found: String)]
  /// What the loss expects.
  public let expected: String
  /// The prediction's shape for one sample.
  public let prediction: [Int]

  /// The most samples that are listed.
  public static let listed = 5
}

/// The pass that holds targets against their losses before anything is replayed: a replay would end
/// at the first target that its loss refuses.
public struct TargetPass: Sendable {
  private static let chunkBytes = 1 << 20

  private let run: Run
  private let data: DataVitals

  /// A pass over the targets of a run, whose data has been measured.
  public init(_ run: Run, _ data: DataVitals) {
    self.run = run
    self.data = data
  }

  /// Looks at all targets.
  ///
  /// - Throws: `ReplayError` when the run cannot be planned or its data cannot be read.
  public func run(progress: Progress = Progress()) throws(ReplayError) -> [RefusedTargets] {
    var result: [RefusedTargets] = []
    for (index, term) in run.losses.enumerated() {
      guard type(of: term.loss).info.targets == .classes, run.samples > 0,
        let array = run.data[term.target]
      else { continue }
      let plan = try Plan(run, rows: min(run.batchSize, 64))
      let dims = plan.operands[term.prediction].shape.dims
      let prediction = try Self.shape([1] + dims.dropFirst())
      let single = try Self.shape([1] + array.shape.dropFirst())
      guard single != prediction, prediction.rank > 1 else { continue }
      let classes = prediction[1]
      if isSound(term.target, classes) { continue }
      let scan = Scan(
        term: term, index: index, array: array, prediction: prediction, target: single,
        classes: classes)
      if let found = try scan.run(progress) { result.append(found) }
    }
    return result
  }

  /// Whether the counted labels are all class indices.
  private func isSound(_ target: String, _ classes: Int) -> Bool {
    guard let vitals = data.arrays[target], let labels = vitals.labels,
      vitals.columns.nonFinite.allSatisfy({ $0 == 0 })
    else { return false }
    return labels.keys.allSatisfy { Self.isClass($0, classes) }
  }

  static func isClass(_ value: Float, _ classes: Int) -> Bool {
    value >= 0 && value < Float(classes) && value == value.rounded(.towardZero)
  }

  static func shape(_ dims: [Int]) throws(ReplayError) -> Shape {
    do throws(TensorError) { return try Shape(dims) } catch { throw .system(error) }
  }

  /// The search in one array: rows that may be wrong are given to the loss one by one.
  private struct Scan {
    let term: Run.LossTerm
    let index: Int
    let array: NpyArray
    let prediction: Shape
    let target: Shape
    let classes: Int

    func run(_ progress: Progress) throws(ReplayError) -> RefusedTargets? {
      let width = array.rowLength
      let rows = max(1, min(array.rows, TargetPass.chunkBytes / (4 * max(1, width))))
      let room = try Room(rows * width, prediction)
      var result: RefusedTargets?
      var start = 0
      while start < array.rows {
        if progress.isCancelled { throw .cancelled }
        let range = start..<min(array.rows, start + rows)
        let part = UnsafeMutableBufferPointer(rebasing: room.chunk.buffer[..<(range.count * width)])
        do throws(NpyError) { try array.stream(rows: range, into: part) } catch {
          throw .npy(error)
        }
        for row in range {
          let base = room.chunk.base + (row - start) * width
          guard isSuspect(base, width),
            let (found, expected) = try refusal(Tensor(base, target), room.scores)
          else { continue }
          var all =
            result
            ?? RefusedTargets(
              index: index, term: term, count: 0, first: [], expected: expected,
              prediction: prediction.dims)
          all.count += 1
          if all.first.count < RefusedTargets.listed { all.first.append((row, found)) }
          result = all
        }
        start = range.upperBound
      }
      return result
    }

    /// Room for a chunk of targets, and scores of zero for one sample.
    private struct Room {
      let arena: Arena
      let chunk: Tensor
      let scores: Tensor

      init(_ count: Int, _ prediction: Shape) throws(ReplayError) {
        do throws(TensorError) {
          arena = try Arena(bytes: Arena.bytes(count) + Arena.bytes(prediction.count))
          chunk = try arena.tensor(try Shape([count]))
          scores = try arena.tensor(prediction)
        } catch { throw .system(error) }
        scores.fill(0)
      }
    }

    private func isSuspect(_ base: UnsafeMutablePointer<Float>, _ width: Int) -> Bool {
      for i in 0..<width where !TargetPass.isClass(base[i], classes) { return true }
      return false
    }

    /// Why the loss refuses the target of a sample; nil when it does not.
    private func refusal(
      _ target: Tensor, _ scores: Tensor
    ) throws(ReplayError) -> (found: String, expected: String)? {
      do throws(OperatorError) {
        _ = try term.loss.evaluate(LossStep(prediction: scores, target: target))
        return nil
      } catch {
        if case .target(_, let found, let expected) = error { return (found, expected) }
        throw .loss(term.place, kind: term.kind, error)
      }
    }
  }
}
