import CEngine
import Engine

extension Target {
  /// A report in JSON from elsewhere, rendered in every format.
  static let report = Target(name: "report") { input in
    let report = Calls.make { out, _ in
      defib_report_read(input.baseAddress?.assumingMemoryBound(to: CChar.self), input.count, out)
    }
    guard let report else { return }
    defer { defib_report_free(report) }
    for format in ["text", "concise", "html", "markdown", "github", "junit"] {
      _ = Calls.take(Calls.make { out, _ in defib_report_render(report, format, out) })
    }
    for format in ["json", "sarif"] {
      Calls.takeJSON(Calls.make { out, _ in defib_report_render(report, format, out) }, format)
    }
  }
}
