import Commands
import Diagnosis
import Npy
import Runs

/// What `--show-settings` prints: the settings that apply to a run, and where each comes from. Thresholds
/// that have their defaults are left out.
enum SettingsTable {
  static func show(_ check: Check, of folder: String, named path: String) throws {
    let all = try Failure.unreadable { () throws(RunError) in try check.settings(of: folder) }
    let shown = all.filter { $0.source != "default" || !$0.name.contains(".") }
    let widths = (
      max(7, shown.map(\.name.count).max() ?? 0), max(5, shown.map(\.value.count).max() ?? 0)
    )
    var lines = ["== \(path)", line("setting", "value", "from", widths)]
    lines += shown.map { line($0.name, $0.value, $0.source, widths) }
    let rest = all.count - shown.count
    lines.append("All other \(rest) thresholds have their defaults; 'defib rules ID' shows them.")
    try Failure.write(lines.map { Printable.text($0) + "\n" }.joined())
  }

  private static func line(
    _ name: String, _ value: String, _ source: String, _ widths: (Int, Int)
  ) -> String {
    let pad = { (text: String, width: Int) in
      text + String(repeating: " ", count: max(0, width - text.count))
    }
    return "\(pad(name, widths.0))  \(pad(value, widths.1))  \(source)"
  }
}
