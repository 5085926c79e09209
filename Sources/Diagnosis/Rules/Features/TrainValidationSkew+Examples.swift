import Runs

extension TrainValidationSkew {
  private static func rows(_ count: Int, _ row: (Float) -> [Float]) -> [Float] {
    (0..<count).flatMap { row(Float(($0 * 7) % 12) / 6 - 1) }
  }

  private static func network(
    _ net: inout RunBuilder, validation: ((Float) -> [Float])?
  ) {
    net.input(shape: [12, 2], rows(12) { [$0, 50 + 10 * $0 * $0] })
    net.dense("fc", [[1, 0.1]])
    net.loss("mse", shape: [12, 1], rows(12) { [$0] })
    if let validation {
      net.validation("x", shape: [12, 2], rows(12, validation))
      net.validation("y", shape: [12, 1], rows(12) { [$0] })
    }
  }

  /// Masks of 4 × 4 pixels: in training the left half, in validation as given.
  private static func mask(_ net: inout RunBuilder, _ validation: (Int, Int) -> Float) {
    let x = (0..<320).map { Float($0 * 7 % 13) / 6 - 1 }
    net.input(shape: [20, 1, 4, 4], x)
    net.parameter("w", shape: [1, 1, 1, 1], [0.5])
    net.layer("Conv", "conv", operands: ["w"])
    net.loss("mse", shape: [20, 1, 4, 4], (0..<320).map { $0 % 4 < 1 || $0 % 16 == 2 ? 1 : 0 })
    net.validation("x", shape: [20, 1, 4, 4], x)
    net.validation(
      "y", shape: [20, 1, 4, 4], (0..<320).map { validation($0 / 16, $0 % 16) })
  }

  private static func classifier(_ net: inout RunBuilder, validation labels: [Float]) {
    net.input((0..<12).map { [Float($0) / 6 - 1] })
    net.dense("fc", [[1], [0], [-1]])
    net.loss("cross-entropy", shape: [12], (0..<12).map { Float($0 % 2) })
    net.validation("x", shape: [12, 1], (0..<12).map { Float($0) / 6 - 1 })
    net.validation("y", shape: [12], labels)
  }

  /// Three classes along a line, of which validation data gives other numbers.
  private static func numbered(_ net: inout RunBuilder, _ order: [Float]) {
    let x = (0..<30).map { Float($0 * 7 % 30) / 10 - 1.5 }
    let labels = x.map { $0 < -0.5 ? 0 : $0 < 0.5 ? 1 : 2 }
    net.input(x.map { [$0] })
    net.dense("fc", [[-9], [0], [9]], bias: [0, 5, 0])
    net.loss("cross-entropy", shape: [30], labels.map(Float.init))
    net.validation("x", shape: [30, 1], x)
    net.validation("y", shape: [30], labels.map { order[$0] })
  }

  static let examples: [Example] = [
    .fires("classes in another order", at: ["y"]) { numbered(&$0, [2, 0, 1]) },
    .silent("classes in the same order") { numbered(&$0, [0, 1, 2]) },
    .silent("one class for two others") { numbered(&$0, [1, 1, 2]) },
    .fires("one side divided by 255", at: ["x[0, 1]"]) {
      network(&$0) { [$0 / 255, (50 + 10 * $0 * $0) / 255] }
    },
    .fires("columns that changed places", at: ["x[0, 1]"]) {
      network(&$0) { [50 + 10 * $0 * $0, $0] }
    },
    .fires("labels that training never saw", at: ["y"]) {
      classifier(&$0, validation: (0..<12).map { Float($0 % 3) })
    },
    .silent("other samples of the same kind") {
      network(&$0) { [0.9 * $0 + 0.05, 51 + 9 * $0 * $0] }
    },
    .silent("rare events that chance left out of the validation data") { net in
      // Eight columns of 0 and 1, each with two ones in 400 rows; of 40 validation rows one has one.
      net.input(
        shape: [400, 8],
        (0..<3200).map { $0 % 8 == $0 / 8 % 200 ? 1 : 0 })
      net.dense("fc", [[1, 1, 1, 1, 1, 1, 1, 1]])
      net.loss("mse", shape: [400, 1], (0..<400).map { Float($0 % 5) })
      net.validation("x", shape: [40, 8], (0..<320).map { $0 == 3 ? 1 : 0 })
      net.validation("y", shape: [40, 1], (0..<40).map { Float($0 % 5) })
    },
    .silent("masks whose pixels differ, not their share") { net in
      mask(&net) { row, pixel in (row * 5 + pixel) % 3 == 0 ? 1 : 0 }
    },
    .fires("masks of 255 against masks of 1", at: ["y"]) { net in
      mask(&net) { row, pixel in (row * 5 + pixel) % 3 == 0 ? 255 : 0 }
    },
    .silent("fewer labels than in training") {
      classifier(&$0, validation: (0..<12).map { _ in 1 })
    },
    .cannotTell("no validation data") { network(&$0, validation: nil) },
  ]
}
