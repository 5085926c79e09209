import Operators
import Replay
import Runs

/// Why an operator makes a value that is not finite of finite ones, and what to do about it.
struct NonFiniteReason {
  let text: String
  let remedy: String

  /// The reason that the forward pass shows; nil where the operands do not tell.
  init?(_ op: any Operator, _ operands: [UnitMoments]) {
    let low = operands.map(\.smallest).min() ?? 0
    let high = operands.map(\.largest).max() ?? 0
    if op.states(.takesLogarithm), low <= 0 {
      text = "the logarithm of \(low < 0 ? "a negative number" : "0")"
      remedy = "Keep what goes into the logarithm above 0: log(x + 1e-8), or clamp it."
    } else if op.states(.takesRoot), low < 0 {
      text = "the root of a negative number"
      remedy = "Keep what goes into the root above 0: clamp it, or add a small number."
    } else if op.states(.divides), let divisor = operands.last,
      divisor.smallest <= 0, divisor.largest >= 0
    {
      text = "a division by 0"
      remedy = "Add a small number to the divisor, such as 1e-8."
    } else if op.states(.exponentiates), high > 88 {
      text = "the exponential of \(Wording.number(high)), beyond what float32 holds"
      remedy = "Scale or clamp what goes into the exponential, or compute with its logarithm."
    } else {
      return nil
    }
  }

  /// The reason that only the slope shows: finite where the value is, infinite where it is steep.
  init?(slopeOf node: Graph.Node, _ operands: [UnitMoments]) {
    guard node.kind.states(.steepAtZero), let low = operands.map(\.smallest).min(), low <= 0
    else { return nil }
    text = "the slope of \(node.op) at 0 is infinite"
    remedy = "Add a small number to what goes into \(node.op), such as 1e-8."
  }
}
