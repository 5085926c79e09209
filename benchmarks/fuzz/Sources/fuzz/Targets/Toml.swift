@testable import Diagnosis
import Runs

extension Target {
  /// The text of a defib.toml, and of a pyproject.toml.
  static let toml = Target(name: "toml") { input in
    let text = String(decoding: input, as: UTF8.self)
    for table in [[], ["tool", "defib"]] {
      do throws(RunError) {
        _ = try ConfigurationFile(text, at: "defib.toml", table: table)
      } catch {
        expect(!error.description.isEmpty, "an error has a message")
      }
    }
  }
}
