import Runs

extension LossTaskMismatch {
  /// Rows of two shares, predicted by a layer that learned something else.
  private static func own(_ net: inout RunBuilder, _ nodes: [RunBuilder.LossNode]) {
    let shares = (0..<24).map { Float($0 * 7 % 24) / 24 }
    net.input(shares.map { [$0, 1 - $0 * $0] })
    net.dense("fc", [[-1, 0.2], [1, 0.1]], bias: [-3, -3])
    net.ownLoss(shape: [24, 2], shares.flatMap { [$0, 1 - $0] }, nodes)
  }

  private static func network(
    _ net: inout RunBuilder, _ units: Int, _ loss: String, _ targets: [Float],
    activation: String? = nil
  ) {
    let count = targets.count / units
    net.input((0..<count).map { [Float($0) / 3 - 0.5, 0.4 - Float($0 % 2)] })
    net.dense("fc", (0..<units).map { [Float($0) / 4 + 0.1, 0.3 - Float($0) / 5] })
    if let activation { net.layer(activation) }
    net.loss(loss, shape: [count, units], targets)
  }

  static let examples: [Example] = [
    .fires("one-hot rows under squared error with a linear head", at: ["fc / y"]) {
      network(&$0, 3, "mse", [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0])
    },
    .fires("absolute error on 0 and 1", at: ["sigmoid1 / y"]) {
      network(&$0, 1, "l1", [0, 1, 1, 0], activation: "Sigmoid")
    },
    .fires("thirty labels for thirty samples", at: ["fc / y"]) { net in
      net.input((0..<30).map { [Float($0) / 30] })
      net.dense("fc", (0..<30).map { [Float($0) / 100] })
      net.loss("cross-entropy", shape: [30], (0..<30).map { Float($0) })
    },
    .fires("counts: a note", at: ["fc / y"]) {
      network(&$0, 1, "mse", [0, 1, 0, 2, 1, 5, 0, 3, 1, 9])
    },
    .fires("indices of five classes under squared error", at: ["fc / y"]) { net in
      let labels = (0..<60).map { Float(($0 * 7 + $0 / 9) % 5) }
      net.input(labels.indices.map { [Float($0 % 13) / 6 - 1] })
      net.dense("fc", [[0]], bias: [2])
      net.loss("mse", shape: [60, 1], labels)
    },
    .fires("a similarity that is made small", at: ["fc / y"]) { net in
      own(
        &net,
        [.init("Mul", ["prediction", "target"], "match"), .init("ReduceMean", ["match"], "loss")])
    },
    .fires("arguments that were swapped", at: ["fc / y"]) { net in
      own(
        &net,
        [
          .init("Softmax", ["target"], "shares"), .init("Log", ["shares"], "logs"),
          .init("Mul", ["prediction", "logs"], "terms"), .init("ReduceMean", ["terms"], "mean"),
          .init("Neg", ["mean"], "loss"),
        ])
    },
    .silent("the share that is right, of probabilities") { net in
      let shares = (0..<24).map { Float($0 * 7 % 24) / 24 }
      net.input(shares.map { [$0, 1 - $0 * $0] })
      net.dense("fc", [[1, -1], [-1, 1]])
      net.layer("Softmax")
      net.ownLoss(
        shape: [24, 2], shares.flatMap { [$0, 1 - $0] },
        [
          .init("Mul", ["prediction", "target"], "match"), .init("ReduceMean", ["match"], "mean"),
          .init("Neg", ["mean"], "loss"),
        ])
    },
    .silent("a squared error of one's own") { net in
      own(
        &net,
        [
          .init("Sub", ["prediction", "target"], "error"),
          .init("Mul", ["error", "error"], "square"), .init("ReduceMean", ["square"], "loss"),
        ])
    },
    .silent("a likelihood of one's own, with its sign") { net in
      own(
        &net,
        [
          .init("LogSoftmax", ["prediction"], "logs"), .init("Mul", ["target", "logs"], "terms"),
          .init("ReduceMean", ["terms"], "mean"), .init("Neg", ["mean"], "loss"),
        ])
    },
    .silent("whole numbers that gather around one") { net in
      let ratings: [Float] = [0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 2]
      let targets = (0..<60).map { ratings[$0 % 12] }
      net.input(targets.indices.map { [Float($0 % 13) / 6 - 1] })
      net.dense("fc", [[0]], bias: [2])
      net.loss("mse", shape: [60, 1], targets)
    },
    .silent("numbers under squared error") {
      network(&$0, 1, "mse", [0.5, 1.7, -0.3, 2.2])
    },
    .silent("classes under cross-entropy") { net in
      net.input([[1, 2], [-1, 0.5], [0.3, -2], [1, 1]])
      net.dense("fc", [[1, 0], [0, 1]])
      net.loss("cross-entropy", shape: [4], [0, 1, 1, 0])
    },
    .silent("absolute error on numbers") {
      network(&$0, 1, "l1", [0.5, 1.7, -0.3, 2.2])
    },
    .cannotTell("no loss") { net in
      net.input([[1], [2]])
      net.dense("fc", [[1]])
    },
  ]
}
