import Operators

/// docs/optimizers.md
enum OptimizersPage {
  static var text: String {
    let all = OptimizerRegistry.all.map { $0.info }.sorted { $0.kind < $1.kind }
    let settings = all.map { info in
      """

      ### \(info.kind)

      \(Markdown.table(
        ["setting", "default", "meaning"],
        info.settings.map { ["`\($0.name)`", $0.standard, $0.meaning] }))
      """
    }
    return """
      \(Markdown.notice)

      # Optimizers

      The kinds of `training.optimizer` in [run.json](run-format.md), as the rule by which one
      parameter is updated: w is a weight, g its gradient, η the learning rate, t the number of the
      update from 1. The factor is what a gradient is multiplied by, beside η, once averages have
      settled; v is the mean of g² over batches.

      \(Markdown.table(
        ["kind", "what it is", "update", "factor"],
        all.map { ["`\($0.kind)`", $0.summary, "`\($0.formula)`", $0.factor] }))
      ## How frameworks differ

      Defaults are those of PyTorch.

      - **Momentum.** PyTorch keeps the velocity without the learning rate; Keras and scikit-learn
        keep η times that. Both walk the same way as long as η stays the same.
      - **Epsilon.** PyTorch adds it to the root. Keras' RMSprop and Adagrad add it under the root
        (`epsilon_inside`). Keras' and scikit-learn's Adam add it before the correction of the
        averages for their start at 0 (`epsilon_hat`).
      - **Decay.** `weight_decay` of PyTorch is added to the gradient, but for AdamW. Every
        optimizer of Keras shrinks the weights themselves (`decoupled`; its Adam with a decay is
        `adamw`). A penalty that is part of the loss stands in `training.regularization` instead.

      ## Settings
      \(settings.joined())
      """
  }
}
