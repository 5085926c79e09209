import Support
import Testing

/// One attack on the parser and the words it must be answered with.
struct RejectedHeader: Sendable, CustomTestStringConvertible {
  let bytes: [UInt8]
  let message: String
  var testDescription: String { message }

  init(_ bytes: [UInt8], _ message: String) {
    self.bytes = bytes
    self.message = message
  }

  init(_ header: String, version: UInt8 = 1, _ message: String) {
    self.init(NpyFixture.file(header, version: version), message)
  }

  init(descr: String, _ message: String) {
    self.init(NpyFixture.header(descr, "(1,)"), message)
  }

  init(shape: String, _ message: String) {
    self.init(NpyFixture.header("'<f4'", shape), message)
  }

  static let all: [RejectedHeader] = preamble + grammar + keys + types + shapes

  static let preamble: [RejectedHeader] = [
    .init([], "is empty, expected the .npy magic '\\x93NUMPY'"),
    .init(Array("PK\u{3}\u{4}".utf8), "begins with the bytes 50 4b 03 04, \(magic)"),
    .init(Array("hello, world".utf8), "begins with 'hello, w', \(magic)"),
    .init([0x93, 0x4E], "ends inside its header: found 2 bytes, expected at least 10"),
    .init(
      Array(NpyFixture.file("", version: 1).prefix(9)),
      "ends inside its header: found 9 bytes, expected at least 10"),
    .init("", version: 4, "has format version 4.0, expected 1.0, 2.0 or 3.0"),
    .init(
      [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 7, 0, 0],
      "has format version 1.7, expected 1.0, 2.0 or 3.0"),
    .init(
      [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 2, 0, 0, 0, 0, 0x80],
      "has a header of 2147483648 bytes, expected at most 1048576"),
    .init(
      [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, 0xFF, 0xFF, 0x7B],
      "ends inside its header: found 11 bytes, expected at least 65545"),
  ]

  static let grammar: [RejectedHeader] = [
    .init("", malformed(0, "the end of the header", "a Python literal")),
    .init("\0\0", malformed(0, "the byte 0x00", "a Python literal")),
    .init("(1, 2)", malformed(0, "(1, 2)", "a dictionary in braces")),
    .init("{", malformed(1, "the end of the header", "a key in quotes or '}'")),
    .init("{1: 2}", malformed(1, "'1'", "a key in quotes or '}'")),
    .init("{'descr' '<f4'}", malformed(9, "'''", "':' after the key 'descr'")),
    .init("{'descr': '<f4}", malformed(15, "the end of the header", "the closing quote")),
    .init("{'descr': '<f4' 'shape'}", malformed(16, "'''", "',' or '}'")),
    .init("{'descr': __import__('os')}", malformed(10, "'_'", "a Python literal")),
    .init("{'shape': (1 2)}", malformed(13, "'2'", "',' or ')'")),
    .init("{'shape': (1.5,)}", malformed(12, "'.'", "',' or ')'")),
    .init("{'shape': (-,)}", malformed(12, "','", "a digit")),
    .init(
      "{'shape': (9223372036854775808,)}", malformed(11, "'9'", "an integer below 2^63")),
    .init("{'shape': Tru}", malformed(10, "'T'", "True")),
    .init("{} x", malformed(3, "'x'", "nothing but padding")),
    .init("{'\\q': 1}", malformed(3, "'q'", "an escape that Python knows")),
    .init("{'\\ud800': 1}", malformed(8, "'''", "a Unicode character, not U+d800")),
    .init(
      "{'shape': " + String(repeating: "(", count: 60000),
      malformed(41, "'('", "at most 32 nested brackets")),
  ]

  static let keys: [RejectedHeader] = [
    .init("{}", "header has no key 'descr', expected 'descr', 'fortran_order' and 'shape'"),
    .init(
      "{'descr': '<f4', 'fortran_order': False}",
      "header has no key 'shape', expected 'descr', 'fortran_order' and 'shape'"),
    .init(
      "{'descr': '<f4', 'order': 1}",
      "header has the key 'order', expected only 'descr', 'fortran_order' and 'shape'"),
    .init(
      "{'descr': '<f4', 'descr': '<f4'}", "header has the key 'descr' twice, expected it once"),
    .init(
      "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}",
      "header key 'fortran_order' is 0, expected True or False"),
  ]

  static let types: [RejectedHeader] = [
    .init(descr: "'f4'", unknown("'f4'")),
    .init(descr: "''", unknown("''")),
    .init(descr: "'<'", unknown("'<'")),
    .init(descr: "'<f3'", unknown("'<f3'")),
    .init(descr: "'<f-4'", unknown("'<f-4'")),
    .init(descr: "'<f4[ns]'", unknown("'<f4[ns]'")),
    .init(descr: "'<q9'", unknown("'<q9'")),
    .init(descr: "'|S99999999999'", unknown("'|S99999999999'")),
    .init(descr: "'|S99999999999999999999999'", unknown("'|S99999999999999999999999'")),
    .init(descr: "7", unknown("7")),
    .init(descr: "[]", unknown("[]")),
    .init(descr: "[('a',)]", unknown("[('a',)]")),
    .init(descr: "[('a', '<f4', (-1,))]", unknown("[('a', '<f4', (-1,))]")),
    .init(
      descr: "[('a', '<f4', (4294967296, 4294967296))]",
      unknown("[('a', '<f4', (4294967296, 4294967296))]")),
  ]

  static let shapes: [RejectedHeader] = [
    .init(shape: "(-3,)", "has the shape (-3,), expected no negative length"),
    .init(shape: "(3)", "header key 'shape' is 3, expected a tuple of integers"),
    .init(shape: "[3]", "header key 'shape' is [3], expected a tuple of integers"),
    .init(shape: "('3',)", "header key 'shape' is ('3',), expected a tuple of integers"),
    .init(
      shape: "(4611686018427387904,)",
      "has the shape (4611686018427387904,) of 4-byte elements, \(addressable)"),
    .init(
      shape: "(4294967296, 4294967296)",
      "has the shape (4294967296, 4294967296) of 4-byte elements, \(addressable)"),
    .init(
      shape: "(0, 4294967296, 4294967296)",
      "has the shape (0, 4294967296, 4294967296) of 4-byte elements, \(addressable)"),
    .init(
      shape: "(" + String(repeating: "1,", count: 65) + ")",
      "has the shape (" + Array(repeating: "1", count: 65).joined(separator: ", ")
        + "), expected at most 64 dimensions"),
  ]

  private static let magic = "expected the .npy magic '\\x93NUMPY'"
  private static let addressable = "expected one whose bytes can be addressed"

  private static func malformed(_ offset: Int, _ found: String, _ expected: String) -> String {
    "header is malformed at its byte \(offset): found \(found), expected \(expected)"
  }

  private static func unknown(_ found: String) -> String {
    "has the element type \(found), expected one that NumPy can write"
  }
}
