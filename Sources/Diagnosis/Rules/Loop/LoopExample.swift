import Runs

/// Small trainings that worked examples of loop faults are made of.
enum LoopExample {
  /// y = 3x on 16 samples, all in one batch, by gradient descent from 0 with a loop of one's own.
  ///
  /// - Parameter step: what a step goes along, of the gradient and the number of the step.
  static func line(
    _ net: inout RunBuilder, rate: Double, steps: Int, step: (Double, Int) -> Double
  ) {
    let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
    let square = x.reduce(0) { $0 + Double($1 * $1) } / 16
    var weight = 0.0
    var losses: [Float] = []
    for update in 0..<steps {
      losses.append(Float((weight - 3) * (weight - 3) * square))
      weight -= rate * step(2 * (weight - 3) * square, update)
    }
    net.input(x.map { [$0] })
    net.dense("fc", [[Float(weight)]], initial: [[0]])
    net.loss("mse", shape: [16, 1], x.map { 3 * $0 })
    net.record("loss", losses, perStep: true)
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
    net.training["steps"] = .int(steps)
  }
}
