import Testing

@testable import Diagnosis

struct WordingTests {
  @Test(arguments: [
    (0.0004, "0 %"), (0.123, "12.3 %"), (0.9995, "over 99.9 %"), (1.877, "187.7 %"),
    (99.0, "9900 %"), (120.4, "120 times as much"), (1.348e6, "1.3 million times as much"),
    (5.084e18, "over a thousand trillion times as much"), (.infinity, "inf %"),
  ])
  func `shares that nobody can picture are words`(share: Double, text: String) {
    #expect(Wording.percent(share) == text)
  }
}
