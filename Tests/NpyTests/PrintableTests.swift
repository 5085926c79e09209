import Npy
import Testing

@Suite struct PrintableTests {
  @Test func `what is not to be seen does not pass`() {
    #expect(Printable.text("plain ASCII") == "plain ASCII")
    #expect(Printable.text("Gewicht größer 重み") == "Gewicht größer 重み")
    let hidden: [UInt32] =
      [0x00, 0x07, 0x1B, 0x7F, 0x80, 0x9B, 0xAD, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029]
      + Array(0x202A...0x202E) + Array(0x2060...0x2064) + Array(0x2066...0x206F)
      + [0xFEFF, 0xFFF9, 0xE0001, 0xE0041]
    for value in hidden {
      let scalar = UnicodeScalar(value).map(String.init) ?? ""
      #expect(Printable.text("a\(scalar)b") == "a\u{FFFD}b", "U+\(String(value, radix: 16))")
    }
    #expect(Printable.text("a\n\tb") == "a  b")
  }

  @Test func `JSON keeps what it says`() {
    #expect(
      Printable.json("{\n\"a\": \"é\u{202E}b\u{E0041}\"}")
        == "{\n\"a\": \"é\\u202eb\\udb40\\udc41\"}")
  }
}
