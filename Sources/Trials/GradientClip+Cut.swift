import Runs

extension GradientClip {
  /// Cuts the gradients that a stepper holds, once they are multiplied by a share.
  ///
  /// - Returns: what is left to multiply all of them by.
  func cut(_ stepper: Stepper, _ share: Double) -> Double {
    switch self {
    case .norm(let bound):
      let norm = stepper.gradientNorm * share
      return norm > bound ? bound / norm * share : share
    case .parameterNorm(let bound):
      for slot in stepper.slots.indices {
        let norm = stepper.gradientNorm(of: slot) * share
        let factor = Float(norm > bound ? bound / norm * share : share)
        let gradient = stepper.gradient(of: slot)
        for i in gradient.indices { gradient[i] *= factor }
      }
      return 1
    case .value(let bound):
      for slot in stepper.slots.indices {
        let gradient = stepper.gradient(of: slot)
        for i in gradient.indices {
          gradient[i] = Float(max(-bound, min(bound, Double(gradient[i]) * share)))
        }
      }
      return 1
    }
  }
}

extension Stepper {
  /// The norm of all gradients of the last batch together.
  var gradientNorm: Double {
    slots.indices.reduce(0.0) { sum, slot in
      let norm = gradientNorm(of: slot)
      return sum + norm * norm
    }.squareRoot()
  }

  /// The norm of the gradient of the last batch for a slot.
  func gradientNorm(of slot: Int) -> Double {
    var square = 0.0
    for value in gradient(of: slot) { square += Double(value) * Double(value) }
    return square.squareRoot()
  }
}
