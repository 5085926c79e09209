import Glibc
import Support
import Testing

@testable import Replay
@testable import Runs
@testable import Trials

/// y = 3x by gradient descent from 0, all rows in one batch, with a loop of one's own.
private func line(
  rate: Double, steps: Int, step: (Double, Int) -> Double
) throws -> Run {
  let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
  let square = x.reduce(0) { $0 + Double($1 * $1) } / 16
  var (weight, losses) = (0.0, [Float]())
  for update in 0..<steps {
    losses.append(Float((weight - 3) * (weight - 3) * square))
    weight -= rate * step(2 * (weight - 3) * square, update)
  }
  var net = RunBuilder()
  net.input(x.map { [$0] })
  net.dense("fc", [[Float(weight)]], initial: [[0]])
  net.loss("mse", shape: [16, 1], x.map { 3 * $0 })
  net.record("loss", losses, perStep: true)
  net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(rate)])
  net.training["steps"] = .int(steps)
  return try net.run()
}

private func played(_ run: Run, workers: Int = 2) throws -> LoopTrials {
  let outcome = try LoopTrials.run(
    run, before: try Weights(run, at: .initial), after: try Weights(run), workers: workers)
  guard case .done(let trials) = outcome else { throw NotPlayed(outcome: "\(outcome)") }
  return trials
}

private struct NotPlayed: Error { let outcome: String }

@Test func `a loop that does what it says is explained by its settings`() throws {
  let trials = try played(try line(rate: 0.02, steps: 60) { gradient, _ in gradient })
  #expect(trials.explanation == .settings)
  #expect(trials.match == nil)
  #expect(trials.asSet.distance < 0.1)
}

@Test func `gradients that are never cleared are told by what they end at`() throws {
  var sum = 0.0
  let trials = try played(
    try line(rate: 0.02, steps: 60) { gradient, _ in
      sum += gradient
      return sum
    })
  #expect(trials.match?.loop == .accumulated(clearedEvery: nil))
  #expect(trials.asSet.end < 0.05)
}

@Test func `gradients that are cut are told`() throws {
  let trials = try played(
    try line(rate: 0.05, steps: 80) { gradient, _ in max(-0.1, min(0.1, gradient)) })
  guard trials.match?.loop.kind == .clipped else {
    Issue.record("found \(String(describing: trials.match))")
    return
  }
}

@Test func `a rate that falls too soon is told`() throws {
  let trials = try played(try line(rate: 0.05, steps: 100) { $0 * exp(-Double($1) / 5) })
  #expect(trials.match?.loop.kind == .decayed)
}

@Test func `steps up the gradient are told`() throws {
  let trials = try played(try line(rate: 0.005, steps: 60) { gradient, _ in -gradient })
  #expect(trials.match?.loop == .scaled(-1))
}

@Test func `a loop that nothing reproduces has no match`() throws {
  let trials = try played(
    try line(rate: 0.02, steps: 60) { gradient, step in step < 30 ? gradient : -gradient })
  #expect(trials.explanation == .otherLoop)
  #expect(trials.match == nil)
}

@Test func `the number of workers changes nothing`() throws {
  let run = try line(rate: 0.05, steps: 100) { $0 * exp(-Double($1) / 5) }
  let all = try [1, 2, 3, 7].map { try played(run, workers: $0) }
  for trials in all.dropFirst() {
    #expect(trials.others.map(\.loop) == all[0].others.map(\.loop))
    #expect(trials.others.map(\.distance) == all[0].others.map(\.distance))
  }
}

@Test func `without the weights before the training nothing is played`() throws {
  let run = try line(rate: 0.02, steps: 60) { gradient, _ in gradient }
  let outcome = try LoopTrials.run(run, before: nil, after: try Weights(run))
  guard case .not(let reason) = outcome else {
    Issue.record("it was played")
    return
  }
  #expect(reason == "the weights before the training are not known")
}

@Test func `a falling rate falls as it is called`() {
  #expect(Loop.Decay.linear.share(at: 0.25) == 0.75)
  #expect(abs(Loop.Decay.cosine.share(at: 0.5) - 0.5) < 1e-12)
  #expect(abs(Loop.Decay.exponential(share: 0.1).share(at: 0.1) - exp(-1)) < 1e-12)
  #expect(Loop.Decay.warmUp(share: 0.5).share(at: 0.25) == 0.5)
  #expect(abs(Loop.Decay.down(to: 0.01).share(at: 0.5) - 0.1) < 1e-12)
}

@Test func `a run may claim any number of updates`() throws {
  for steps in [1 << 40, Int.max] {
    var net = RunBuilder()
    net.input([[1], [2], [3]])
    net.dense("fc", [[0.5]], initial: [[0.1]])
    net.loss("mse", shape: [3, 1], [1, 2, 3])
    net.record("loss", [3, 2, 1])
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(0.1)])
    net.training["steps"] = .int(steps)
    net.training["accumulation"] = .int(4)
    let run = try net.run()
    let outcome = try LoopTrials.run(
      run, before: try Weights(run, at: .initial), after: try Weights(run))
    guard case .not = outcome else {
      Issue.record("it was played")
      return
    }
  }
}

@Test func `a loop that ends where the settings lead is told apart by a snapshot`() throws {
  // Nothing happens for the first half; either way the weight ends at 3.
  func trials(_ snapshots: Bool) throws -> LoopTrials {
    let x = (0..<16).map { (Float($0) - 7.5) / 4.6 }
    var net = RunBuilder()
    net.input(x.map { [$0] })
    net.dense("fc", [[2.9999]], initial: [[0]])
    net.loss("mse", shape: [16, 1], x.map { 3 * $0 })
    net.training["optimizer"] = .object(["kind": .string("sgd"), "learning_rate": .number(0.1)])
    net.training["steps"] = .int(60)
    if snapshots { net.snapshot(step: 30, ["fc.weight": [1e-4]]) }
    return try played(try net.run())
  }
  #expect(try trials(false).explanation == .settings)
  #expect(try trials(true).explanation != .settings)
}
