import Replay
import Runs

/// Targets that the loop must have squeezed before it gave them to the loss.
enum SqueezedTargets {
  /// How near a recorded loss must be to one of the two readings to tell for it: within 1.5 times, for
  /// it is a mean over an epoch in which weights moved.
  private static let near = 1.5

  /// Shapes of targets that a loop must have used, since its recorded loss fits the aligned reading
  /// and not the broadcast one; by target.
  static func disproved(_ exam: Examination) -> [String: [Int]] {
    guard exam.run.losses.count == 1, let term = exam.run.losses.first,
      exam.plan.couplings.first == .mixed, exam.isFinite, let target = exam.run.data[term.target],
      let aligned = exam.current.losses.first?.aligned, aligned >= 0,
      let loss = exam.current.losses.first?.value, let recorded = recorded(exam), recorded > 0
    else { return [:] }
    func fits(_ value: Double) -> Bool {
      value > 0 && max(value / recorded, recorded / value) <= near
    }
    guard fits(aligned), !fits(loss) else { return [:] }
    let prediction = exam.plan.operands[term.prediction].shape
    let shape = [target.rows] + prediction.dims.dropFirst()
    return target.squeezed(to: shape) == nil ? [:] : [term.target: shape]
  }

  /// The last finite value of the recorded loss, as the median of the last three.
  static func recorded(_ exam: Examination) -> Double? {
    let values = (exam.series["loss"] ?? []).suffix(3).filter(\.isFinite)
    return values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}
