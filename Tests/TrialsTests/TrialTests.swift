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
