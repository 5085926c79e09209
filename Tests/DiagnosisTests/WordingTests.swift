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

  @Test(arguments: [
    (0.054, "5.4 % of", "5.4 %"), (0.998, "99.8 % of", "99.8 %"), (1.004, "100.4 % of", "100.4 %"),
    (1.877, "1.9 times", "1.9 times as much"), (15.34, "15 times", "15 times as much"),
    (1.348e6, "1.3 million times", "1.3 million times as much"),
  ])
  func `a loss is told beside that of a constant`(share: Double, loss: String, left: String) {
    let constant = "always predicting the mean"
    #expect(Wording.loss(share, of: constant) == "\(loss) the loss of always predicting the mean")
    #expect(Wording.share(share) == left)
  }
}
