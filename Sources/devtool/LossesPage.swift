import Operators

/// docs/losses.md
enum LossesPage {
  static var text: String {
    let all = LossRegistry.all.map { $0.info }.sorted { $0.kind < $1.kind }
    let settings = all.filter { !$0.allSettings.isEmpty }.map { info in
      """

      ### \(info.kind)

      \(Markdown.table(
        ["setting", "default", "meaning"],
        info.allSettings.map { ["`\($0.name)`", $0.standard, $0.meaning] }))
      """
    }
    return """
      \(Markdown.notice)

      # Losses

      The kinds of `losses` in [run.json](run-format.md). A loss is a sum of terms, divided by its
      normalizer under reduction `mean`: by the number of elements, or for classes by the number or
      the weights of the samples. p is the prediction, t the target.

      \(Markdown.table(
        ["kind", "what it is", "term", "prediction", "targets"],
        all.map {
          ["`\($0.kind)`", $0.summary, "`\($0.formula)`", $0.head.rawValue, $0.targets.rawValue]
        }))
      ## Settings

      Beside `prediction`, `target`, `reduction`, `weight` and `sample_weight`, which every loss has.
      \(settings.joined())
      """
  }
}
