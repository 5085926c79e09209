import Replay

/// Why an operator makes a value that is not finite of finite ones, and what to do about it.
struct NonFiniteReason {
  let text: String
  let remedy: String

  /// The reason that the forward pass shows; nil where the operands do not tell.
  init?(_ op: String, _ operands: [UnitMoments]) {
    let low = operands.map(\.smallest).min() ?? 0
    let high = operands.map(\.largest).max() ?? 0
    switch op {
    case "Log" where low <= 0:
      text = "the logarithm of \(low < 0 ? "a negative number" : "0")"
      remedy = "Keep what goes into the logarithm above 0: log(x + 1e-8), or clamp it."
    case "Sqrt" where low < 0:
      text = "the root of a negative number"
      remedy = "Keep what goes into the root above 0: clamp it, or add a small number."
    case "Div", "Reciprocal":
      guard let divisor = operands.last, divisor.smallest <= 0, divisor.largest >= 0 else {
        return nil
      }
      text = "a division by 0"
      remedy = "Add a small number to the divisor, such as 1e-8."
    case "Exp" where high > 88:
      text = "the exponential of \(Wording.number(high)), beyond what float32 holds"
      remedy = "Scale or clamp what goes into the exponential, or compute with its logarithm."
    default: return nil
    }
  }

  /// The reason that only the slope shows: finite where the value is, infinite where it is steep.
  init?(slopeOf op: String, _ operands: [UnitMoments]) {
    guard ["Sqrt", "Pow", "ReduceL2", "Log"].contains(op),
      let low = operands.map(\.smallest).min(), low <= 0
    else { return nil }
    text = "the slope of \(op) at 0 is infinite"
    remedy = "Add a small number to what goes into \(op), such as 1e-8."
  }
}
