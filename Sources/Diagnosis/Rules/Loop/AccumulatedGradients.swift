import Glibc
import Trials

/// Gradients that are added up over batches because nobody clears them.
struct AccumulatedGradients: Rule {
  static let info = RuleInfo(
    id: "accumulated-gradients", title: "Gradients that are not cleared", severity: .error,
    evidence: .proof,
    summary: """
      The training as it is set ends decisively better than the user's did, and the same training \
      with gradients that are never cleared, or too rarely, ends where the user's ended.
      """,
    rationale: """
      PyTorch adds the gradient of a batch to what is there. Where nothing clears it between two
      updates, every step follows the sum of all batches so far: an undamped momentum that overshoots,
      swings and blows up. The training is played again from its own start, over several orders of
      its rows, as it was set and with this fault; the two are compared with the recorded losses, the
      final loss and how far every parameter moved. Accumulation on purpose, one step for several
      batches and a clearing after it, is not this fault.
      """,
    remedy: "Clear the gradients before every backward pass: optimizer.zero_grad().",
    source: "PyTorch documentation, Zeroing out gradients", examples: examples)

  func check(_ exam: Examination) throws(NotChecked) -> [Finding] {
    let comparison = try LoopComparison(exam)
    guard let match = comparison.match(.accumulated),
      case .accumulated(let period) = match.loop
    else { return [] }
    let call = comparison.isTorch ? "`optimizer.zero_grad()`" : "The clearing of the gradients"
    let lead =
      period.map { "\(call) is reached only every \($0) batches" } ?? "\(call) is missing"
    let cured = comparison.isWhole ? "Cleared before every batch, " : "Cleared, "
    return [
      comparison.finding(
        Self.self, match,
        """
        \(lead): \(match.loop.text), \(comparison.reproduced(match)). \(cured)\(comparison.cured).
        """,
        remedy: comparison.isTorch
          ? "Call optimizer.zero_grad() before every loss.backward()."
          : "Set the gradients to zero before those of the next batch are added.")
    ]
  }
}

extension AccumulatedGradients {
  private static let examples: [Example] = [
    .fires("gradients that are never cleared", at: ["training"]) { net in
      var sum = 0.0
      LoopExample.line(&net, rate: 0.02, steps: 60) { gradient, _ in
        sum += gradient
        return sum
      }
    },
    .silent("cleared before every batch") {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { g, _ in g }
    },
    .silent("a rate that falls") {
      LoopExample.line(&$0, rate: 0.02, steps: 60) { $0 * pow(0.8, Double($1)) }
    },
    .cannotTell("the weights before the training are not known") { net in
      net.input([[1], [-1]])
      net.dense("fc", [[1e-3]])
      net.loss("mse", shape: [2, 1], [1, 2])
      net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(0.1)])
      net.training["steps"] = .int(10)
    },
  ]
}
