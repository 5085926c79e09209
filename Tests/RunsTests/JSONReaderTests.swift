import FoundationEssentials
import Testing

@testable import Runs

/// JSON is read in one pass, the same as FoundationEssentials reads it, and nothing doubtful is taken.
@Suite struct JSONReaderTests {
  private func read(
    _ bytes: [UInt8], _ limits: JSONReader.Limits = JSONReader.Limits()
  ) throws -> JSONValue {
    try bytes.withUnsafeBytes { try JSONReader.read($0, limits: limits) }
  }

  private func reason(_ bytes: [UInt8]) -> String {
    do {
      _ = try read(bytes)
      return "nothing wrong"
    } catch let error as JSONReader.Failure {
      return error.reason
    } catch { return "\(error)" }
  }

  private func reason(_ text: String) -> String { reason(Array(text.utf8)) }

  @Test(arguments: [
    "null", "true", "[false]", "\"\"", "0", "-0", "12", "-7", "1.0", "1e3", "2.5E-3", "1e300",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808",
    "123456789012345678901234567890", "0.1", "5e-324", "1.7976931348623157e308",
    "\"a\\n\\t\\\"\\\\\\/\\b\\f\\r\"", "\"\\u00e9\\ud83d\\ude00é😀\"", "[]", "{}",
    " {\"a\" : [1, 2.5, {\"b\": null}] ,\n\"c\":\"d\"} ", "[[[[1]]],[]]",
  ])
  func `values are those of the decoder`(text: String) throws {
    let expected = try JSONDecoder().decode(Decoded.self, from: Data(text.utf8))
    #expect(try read(Array(text.utf8)) == expected.value)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "'a'", "01", "1.", ".5", "-",
    "1e", "+1", "NaN", "Infinity", "nul", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"", "\"\n\"",
    "1 2", "[1]]", "1e999", "tru", "//c\n1",
  ])
  func `what is no JSON is refused`(text: String) {
    #expect(reason(text).hasPrefix("is no JSON: line "))
  }

  @Test func `a message says where`() {
    #expect(
      reason("{\n  \"a\": [1,\n  ]}")
        == "is no JSON: line 3, column 3: found ']', expected a value")
  }

  @Test func `a key a second time is refused by its path`() {
    #expect(
      reason("{\"graph\":{\"nodes\":[{},{\"op\":1,\"x\":2,\"op\":3}]}}")
        == "graph.nodes[1].op: found the key a second time, expected every key once")
    #expect(reason("{\"a\":1,\"\\u0061\":2}").hasPrefix("a: found the key a second time"))
  }

  @Test func `other encodings are refused by name`() {
    let text = "{\"format\":\"defib-run\"}"
    let wide = text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let swapped = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    #expect(reason([0xEF, 0xBB, 0xBF] + Array(text.utf8)).contains("a byte order mark of UTF-8"))
    for bytes in [wide, swapped, [0xFF, 0xFE] + wide, [0xFE, 0xFF] + swapped] {
      #expect(reason(bytes).contains("UTF-16"))
    }
    let wider = text.utf8.flatMap { [$0, 0, 0, 0] as [UInt8] }
    for bytes in [wider, [0xFF, 0xFE, 0, 0] + wider] { #expect(reason(bytes).contains("UTF-32")) }
    #expect(reason([0x22, 0xC3, 0x28, 0x22]).contains("no UTF-8"))
    #expect(reason([0x22, 0xED, 0xA0, 0x80, 0x22]).contains("no UTF-8"))
  }

  @Test func `depth, size and number are limited`() throws {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    #expect(reason(deep).contains("nested deeper than 64"))
    let objects =
      String(repeating: "{\"a\":", count: 500) + "1" + String(repeating: "}", count: 500)
    #expect(reason(objects).contains("nested deeper than 64"))
    // Half a million open brackets must not reach the end of the stack either.
    #expect(reason(String(repeating: "[", count: 500_000)).contains("nested deeper"))
    var limits = JSONReader.Limits()
    limits.values = 100
    let many = "[" + [String](repeating: "1", count: 100).joined(separator: ",") + "]"
    #expect(throws: JSONReader.Failure.self) { try read(Array(many.utf8), limits) }
    limits.bytes = 10
    #expect(throws: JSONReader.Failure.self) { try read(Array("[1,2,3,4,5,6]".utf8), limits) }
    #expect(
      reason("[" + [String](repeating: "1", count: 3_000_000).joined(separator: ",") + "]")
        .contains("more than 2097152 values"))
  }

  @Test func `each value is looked at once, and reading can be stopped`() throws {
    let text = "[" + [String](repeating: "[[\"a\"]]", count: 100_000).joined(separator: ",") + "]"
    var asked = 0
    _ = try Array(text.utf8).withUnsafeBytes { bytes in
      try JSONReader.read(bytes) {
        asked += 1
        return false
      }
    }
    // 300 001 values, and a question for each 65 536.
    #expect(asked == 4)
    do {
      _ = try Array(text.utf8).withUnsafeBytes { try JSONReader.read($0) { true } }
      Issue.record("it was not stopped")
    } catch { #expect((error as? JSONReader.Failure)?.isCancelled == true) }
  }
}

/// The value as FoundationEssentials' decoder has it.
private struct Decoded: Decodable {
  let value: JSONValue

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      value = .null
    } else if let bool = try? container.decode(Bool.self) {
      value = .bool(bool)
    } else if let int = try? container.decode(Int.self) {
      value = .int(int)
    } else if let number = try? container.decode(Double.self) {
      value = .number(number)
    } else if let text = try? container.decode(String.self) {
      value = .string(text)
    } else if let values = try? container.decode([Decoded].self) {
      value = .array(values.map(\.value))
    } else {
      value = .object(try container.decode([String: Decoded].self).mapValues(\.value))
    }
  }
}
