import Runs

extension Target {
  /// A text of JSON: what is read is written and read again as the same value.
  static let json = Target(name: "json") { input in
    let text = String(decoding: input, as: UTF8.self)
    guard let value = try? JSONValue(parsing: text) else { return }
    for isPretty in [false, true] {
      let written = value.text(pretty: isPretty)
      let again = try? JSONValue(parsing: written)
      expect(again == value, "\(written.prefix(2000)) is read as what it was written for")
    }
  }
}
