import Replay
import Runs

/// How far a training moved the trainable parameters whose values before it are known.
struct Movement {
  /// One parameter.
  struct Move {
    let parameter: Graph.Parameter
    /// The Euclidean norm of the change.
    let change: Double
    /// That of the values before the training.
    let norm: Double
    /// That of the gradient after it; nil when no loss depends on the parameter.
    let gradient: Double?
  }

  /// All of them, in the order of the graph.
  let all: [Move]

  /// A step below this share of a weight is lost in float32.
  private static let lost = 6e-8

  /// - Throws: `NotChecked` when the weights before the training are not known, or nothing says that
  ///   there was a training.
  init(_ exam: Examination) throws(NotChecked) {
    let parameters = exam.run.graph.parameters.filter {
      $0.trainable && $0.initial != nil && $0.array.count > 0
    }
    guard !parameters.isEmpty else {
      throw NotChecked("the weights before the training were not exported")
    }
    guard Self.isClaimed(exam) || exam.isTrained == true else {
      throw NotChecked("the run does not say that it was trained")
    }
    all = parameters.map { parameter in
      let (change, norm) = Self.change(exam.values(parameter), exam.initialValues(parameter))
      return Move(
        parameter: parameter, change: change, norm: norm,
        gradient: Self.gradientNorm(parameter, exam))
    }
  }

  /// Whether the run says of steps, epochs or a history that it was trained.
  static func isClaimed(_ exam: Examination) -> Bool {
    let training = exam.run.training
    return !exam.run.history.isEmpty || (training.steps ?? training.epochs ?? 0) > 0
  }

  /// The norm of a parameter's gradient after the training; nil when no loss depends on it.
  static func gradientNorm(_ parameter: Graph.Parameter, _ exam: Examination) -> Double? {
    exam.current.parameterGradients[parameter.tensor].map {
      $0.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
  }

  /// The norms of the change and of the values before.
  private static func change(
    _ now: UnsafeBufferPointer<Float>, _ start: UnsafeBufferPointer<Float>
  ) -> (Double, Double) {
    var change = 0.0
    var norm = 0.0
    for (a, b) in zip(now, start) {
      change += (Double(a) - Double(b)) * (Double(a) - Double(b))
      norm += Double(b) * Double(b)
    }
    return (change.squareRoot(), norm.squareRoot())
  }

  /// Trainable parameters that a gradient comes to, and that equal the start in every value.
  static func unmoved(_ exam: Examination) -> [Graph.Parameter] {
    exam.run.graph.parameters.filter {
      $0.trainable && $0.initial != nil && $0.array.count > 0 && (gradientNorm($0, exam) ?? 0) > 0
        && exam.values($0).elementsEqual(exam.initialValues($0))
    }
  }

  /// Whether the weights must have moved, so that those from before the training are not of then.
  static func isAliased(_ exam: Examination) -> Bool {
    if LossCurve.fell(exam.series["loss"] ?? []) { return true }
    return (exam.relativeLoss?.current).map { $0 < 0.5 } ?? false
  }

  /// What to do where the weights from before the training are those after it.
  static let aliased = NotChecked(
    """
    the weights handed over as from before the training are those after it, although the loss \
    came down: take a copy before the training, as with copy.deepcopy(model.state_dict())
    """)

  /// Whether a step of the optimizer, at a multiple of its learning rate, is lost in the rounding of every
  /// weight.
  static func isStepLost(_ exam: Examination, factor: Double = 1) -> Bool {
    guard let optimizer = exam.run.training.optimizer, optimizer.learningRate > 0 else {
      return false
    }
    let moving = exam.run.graph.parameters.filter {
      $0.trainable && $0.array.count > 0
        && (optimizer.numbers(for: $0.name)["learning_rate"] ?? 0) > 0
    }
    return !moving.isEmpty
      && moving.allSatisfy { parameter in
        let weights = exam.values(parameter)
        let gradient = exam.current.parameterGradients[parameter.tensor] ?? []
        guard gradient.count == weights.count else { return true }
        let rate = factor * (optimizer.numbers(for: parameter.name)["learning_rate"] ?? 0)
        return weights.indices.allSatisfy { index in
          let slope = optimizer.kind == "sgd" ? abs(gradient[index]) : gradient[index] == 0 ? 0 : 1
          return rate * Double(slope) <= Self.lost * abs(Double(weights[index]))
        }
      }
  }

  /// What one update of the run's optimizer takes off the loss, to first order: along the gradient,
  /// or by the learning rate in every weight where the optimizer divides by the gradient's size. Nil
  /// without an optimizer.
  static func firstGain(_ exam: Examination) -> Double? {
    guard let optimizer = exam.run.training.optimizer else { return nil }
    return exam.run.graph.parameters.filter(\.trainable).reduce(0) { sum, parameter in
      let rate = optimizer.numbers(for: parameter.name)["learning_rate"] ?? 0
      let gradient = exam.current.parameterGradients[parameter.tensor] ?? []
      return sum + rate * gradient.reduce(0) { $0 + (optimizer.kind == "sgd" ? $1 * $1 : abs($1)) }
    }
  }
}
