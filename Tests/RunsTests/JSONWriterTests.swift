import FoundationEssentials
import Testing

@testable import Runs

/// The writer against the library's encoder, which it stands in for.
@Test(arguments: [
  JSONValue.null, .bool(true), .int(.min), .int(0), .number(0.1), .number(-0.0), .number(1e300),
  .number(1e21), .number(.leastNonzeroMagnitude), .number(3), .number(123_456_789), .number(.nan),
  .number(-.infinity),
  .string(""), .string("a/b \"quoted\" \\ \n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F} ü 漢 🙂 \u{2028}"),
  .array([]), .object([:]),
  .object(["b": .array([.int(1), .null]), "a": .object(["x/y": .string("z")]), "Ä": .bool(false)]),
])
func `writer agrees with the encoder`(_ value: JSONValue) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  let expected = String(decoding: try encoder.encode(value), as: UTF8.self)
  #expect(value.text() == expected)
}
