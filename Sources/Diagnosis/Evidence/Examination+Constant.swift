import Operators
import Runs

extension Examination {
  /// What the best prediction without inputs does, in words: what losses are measured by.
  var constantPrediction: String {
    let kinds = Set(run.losses.map(\.kind))
    let targets = run.losses.map { type(of: $0.loss).info.targets }
    if kinds == ["mse"] { return "always predicting the mean" }
    if !targets.isEmpty, targets.allSatisfy({ [.classes, .probabilities].contains($0) }) {
      return "always predicting the shares of the classes"
    }
    return "always predicting the same"
  }
}
