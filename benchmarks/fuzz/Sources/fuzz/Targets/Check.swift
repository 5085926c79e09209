import CEngine
import Engine

extension Target {
  /// A small run, diagnosed with little effort, and its report.
  static let check = Target(name: "check", mutate: RunMutator.mutate) { input in
    SeedRun.use(input) { run in
      let report = Calls.make({ defib_check(run, &$1, $0) }, settings: "{\"effort\": 0.01}")
      guard let report else { return }
      defer { defib_report_free(report) }
      Calls.takeJSON(Calls.make { out, _ in defib_report_render(report, "json", out) }, "a report")
      _ = Calls.take(Calls.make { out, _ in defib_report_render(report, "html", out) })
    }
  }
}
