import Support
import Testing

@testable import Replay
@testable import Runs
@testable import Trials

private func run(
  _ run: Run, trained: Bool = true, _ steps: Int = 1500
) throws -> Trials {
  let weights = try Weights(run)
  let trials = try Trials.run(
    run, on: try TrialData(run), before: try Weights(run, at: .initial),
    after: trained ? weights : nil, .init(), workers: 2)
  guard case .done(let trials) = trials else { throw Missing() }
  return trials
}

private struct Missing: Error {}

@Test func `a screening is the beginning of the full trial`() throws {
  let all = try run(try RunFixture.sound(samples: 64).run()).all
  let own = all.filter { $0.changes.rate == 1 && $0.changes.start == .before }
  let (screening, full) = (try #require(own.first), try #require(own.last))
  #expect(screening.changes.steps < full.changes.steps)
  let shared = full.updates.filter { $0 <= screening.changes.steps }
  #expect(screening.updates == shared)
  #expect(screening.losses == Array(full.losses.prefix(shared.count)))
}

@Test func `a trial ends where nothing is left to learn`() throws {
  let all = try run(try RunFixture.sound(samples: 64).run()).all
  let own = try #require(all.last { $0.changes.rate == 1 && $0.changes.start == .before })
  #expect(own.end <= 0.004)
  #expect(try #require(own.updates.last) < own.changes.steps)
  #expect(own.losses.dropLast().allSatisfy { $0 > 0.004 })
}

@Test func `a change is tried for as long as the training`() throws {
  var net = RunFixture.sound(samples: 64)
  net.training["epochs"] = .int(100)
  let all = try run(try net.run())
  #expect(all.trainedSteps == 400)
  for trial in all.all where trial.changes.rate != 1 {
    #expect(trial.changes.steps <= 400)
  }
  #expect(all.all.contains { $0.changes.rate == 1 && $0.changes.steps == all.steps })
  let open = try run(try net.run(), trained: false)
  #expect(open.all.contains { $0.changes.rate != 1 && $0.changes.steps == open.steps })
}

@Test func `more effort is more updates, and what leads is tried in three orders`() throws {
  var net = RunFixture.sound(samples: 64)
  net.training["epochs"] = .int(1)
  let run = try net.run()
  func trials(_ effort: Double) throws -> Trials {
    let outcome = try Trials.run(
      run, on: try TrialData(run), before: try Weights(run, at: .initial), after: nil, .init(),
      effort: effort, workers: 2)
    guard case .done(let trials) = outcome else { throw Missing() }
    return trials
  }
  let (some, fewer) = (try trials(1), try trials(0.05))
  #expect(fewer.steps < some.steps)
  for (changes, repeats) in some.repeats {
    #expect(changes.order == 0)
    #expect(repeats.map(\.changes.order) == [1, 2])
    #expect(repeats.allSatisfy { $0.changes.with { $0.order = 0 } == changes })
  }
}

@Test func `orders of the batches that lead are other trainings of the same rows`() throws {
  var net = RunFixture.sound(samples: 64)
  net.training["epochs"] = .int(100)
  net.training["optimizer"] = .object([
    "kind": .string("sgd"), "learning_rate": .number(1e-6),
  ])
  let all = try run(try net.run(), trained: false)
  let (changes, repeats) = try #require(all.repeats.max { $0.key.rate < $1.key.rate })
  let own = try #require(all.all.last { $0.changes == changes })
  #expect(Set(repeats.map(\.losses)).count == repeats.count)
  #expect(repeats.allSatisfy { $0.losses.first == own.losses.first && $0.losses != own.losses })
}

/// Columns copied by gradient descent from 0.
private func copying(rows: Int, columns: Int, rate: Double = 1) throws -> Run {
  var random = FixedRandom(seed: 3)
  let x = (0..<rows).map { _ in (0..<columns).map { _ in Float(random.normal()) } }
  var net = RunBuilder()
  net.input(x)
  net.dense("fc", [[Float]](repeating: [Float](repeating: 0, count: columns), count: columns))
  net.loss("mse", shape: [rows, columns], x.flatMap { $0 })
  net.training["optimizer"] = .object([
    "kind": .string("sgd"), "learning_rate": .number(rate),
  ])
  net.training["batch_size"] = .int(rows / 2)
  return try net.run()
}

@Test func `a larger network is tried in smaller batches, before it is called too large`() throws {
  let run = try copying(rows: 256, columns: 30)
  func outcome(_ effort: Double) throws -> TrialOutcome {
    try Trials.run(
      run, on: try TrialData(run), before: nil, after: try Weights(run), .init(), effort: effort,
      workers: 2)
  }
  guard case .done(let usual) = try outcome(1), case .done(let trials) = try outcome(0.004) else {
    throw Missing()
  }
  #expect(usual.shrunkBatch == nil)
  #expect((16..<128).contains(try #require(trials.shrunkBatch)))
  #expect(trials.judged == 64)
  #expect(try outcome(0.001).isTooLarge)
}

@Test func `a network that is too large for all rates is probed at the nearest ones`() throws {
  let run = try copying(rows: 64, columns: 30, rate: 1e-7)
  let weights = try Weights(run)
  func probe(attempts: Double) throws -> RateProbe? {
    let work = Workload.operations(run, try Plan(run, rows: 1)) * Double(RateProbe.updates)
    return try RateProbe(
      try TrialData(run), before: weights, after: nil, shape: weights,
      effort: attempts * work / RateProbe.reserve)
  }
  let found = try #require(try probe(attempts: 3.5))
  #expect(found.rows == 1 && found.others.map(\.rate) == [1e2, 1e3] && !found.isWhole)
  #expect(try probe(attempts: 2.9) == nil)
}

@Test func `a rate is probed upwards where nothing moves, the same by all threads`() throws {
  func probe(_ rate: Double, workers: Int) throws -> RateProbe {
    let run = try copying(rows: 64, columns: 30, rate: rate)
    let weights = try Weights(run)
    return try #require(
      try RateProbe(
        try TrialData(run), before: weights, after: nil, shape: weights, workers: workers))
  }
  let low = try probe(1e-7, workers: 1)
  #expect(low.isUnmoved)
  #expect(low.others.contains { $0.rate > 1 && $0.end < 0.9 })
  #expect(try probe(1e-7, workers: 3).others.map(\.losses) == low.others.map(\.losses))
  let high = try probe(1e5, workers: 2)
  #expect(high.asSet.end > 1)
  #expect(high.others.contains { $0.rate < 1 && $0.end < 0.9 })
  #expect(try probe(1, workers: 2).others.isEmpty)
}
