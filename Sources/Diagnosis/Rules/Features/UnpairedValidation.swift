import Runs
import Trials

/// Validation inputs and targets that do not belong together.
struct UnpairedValidation: Rule {
  static let known = Threshold(
    "known", 0.2, unit: "R²", "what a simple predictor must tell within the training's data")
  static let rest = Threshold(
    "rest", 0.1, unit: "of that R²", "what it may tell within the validation data at most")
  static let pValue = Threshold(
    "p-value", 0.05, unit: "share of permutations", "up to it the pairs do tell something")

  static let info = RuleInfo(
    id: "unpaired-validation", title: "Validation data that is not paired", severity: .error,
    evidence: .proof,
    summary: """
      Within the training's data inputs tell the targets; within the validation data they tell nothing.
      """,
    rationale: """
      Inputs and targets that were shuffled apart, or sorted apart, look right each by itself: the same
      ranges, the same classes. Only the pairs are wrong, and every model fails on them. Simple
      predictors show it without the model: nearest neighbours and ridge regression, which leave each
      sample out, find the targets of the training's data from its inputs. Among as many rows of the
      validation data the same predictors do no better than with permuted targets. Data from elsewhere,
      or data that is scaled otherwise, may fail the model as well, but its inputs still tell its own
      targets: then the rule is silent.
      """,
    remedy: "Shuffle and sort inputs and targets alike, with one order for both.",
    source: "Good, Permutation, Parametric, and Bootstrap Tests of Hypotheses (2005)",
    thresholds: [known, rest, pValue], examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    guard exam.validation != nil else { return [] }
    // Where the model does better than a constant, the pairs are right.
    if let left = exam.validationRelativeLoss, left < Limits.nothing.value { return [] }
    guard let pairing = exam.pairing else {
      let rows = min(exam.run.samples, exam.run.onValidation?.samples ?? 0)
      throw NotChecked(
        rows < Pairing.fewest
          ? "\(Wording.count(rows, "row")) of at least \(Pairing.fewest)"
          : "the data make no table of numbers")
    }
    let known = exam.value(Self.known, of: Self.self)
    guard pairing.training >= known,
      pairing.validation <= exam.value(Self.rest, of: Self.self) * pairing.training,
      pairing.pValue > exam.value(Self.pValue, of: Self.self)
    else { return [] }
    return [
      Finding(
        Self.self, .error, at: Place(.run, "validation"),
        """
        Proved on \(pairing.samples) samples of each: within the training's data simple predictors \
        explain \(Wording.percent(pairing.training)) of the targets' variance by the inputs, within the \
        validation data \(Wording.percent(pairing.validation)), no more than with permuted targets. Its \
        inputs and targets do not belong together.
        """,
        evidence: [
          Measure("training_score", pairing.training, unit: "R²", threshold: known),
          Measure("validation_score", pairing.validation, unit: "R²"),
          Measure("p_value", pairing.pValue, unit: "share of permutations"),
          Measure("samples", pairing.samples, unit: "samples"),
        ],
        tensors: exam.run.losses.map(\.prediction))
    ]
  }
}

extension UnpairedValidation {
  private static func line(
    _ net: inout RunBuilder, held: Int? = 48, slope: Float = 2, offset: Float = 0,
    order: (Int) -> Int = { $0 }
  ) {
    func x(_ row: Int) -> Float { Float(row * 29 % 61) / 30 - 1 }
    net.input((0..<60).map { [x($0)] })
    net.dense("fc", [[2]], bias: [0.5])
    net.loss("mse", shape: [60, 1], (0..<60).map { 2 * x($0) + 0.5 })
    net.training["epochs"] = .int(5)
    guard let held else { return }
    net.validation("x", shape: [held, 1], (0..<held).map { x($0 + 7) })
    net.validation(
      "y", shape: [held, 1], (0..<held).map { slope * x(order($0) + 7) + 0.5 + offset })
  }

  /// The rows of the validation data, shuffled.
  private static let shuffled: [Int] = {
    var order = Array(0..<48)
    var state: UInt32 = 1
    for row in order.indices.dropFirst().reversed() {
      state = state &* 1_664_525 &+ 1_013_904_223
      order.swapAt(row, Int(state >> 16) % (row + 1))
    }
    return order
  }()

  private static let examples: [Example] = [
    .fires("targets in another order than the inputs", at: ["validation"]) {
      line(&$0) { shuffled[$0] }
    },
    .silent("the same order") { line(&$0) },
    .silent("data of another law, which its inputs tell") { line(&$0, slope: -2, offset: 4) },
    .silent("no validation data") { line(&$0, held: nil) },
    .cannotTell("eight rows") { line(&$0, held: 8) { 7 - $0 } },
  ]
}
